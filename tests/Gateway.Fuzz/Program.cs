using System.Diagnostics;
using Gateway.Fuzz;
using Gateway.Fuzz.Targets;

FuzzTarget[] all = [.. SftpTargets.All, .. SshTargets.All, .. FtpTargets.All, .. HttpTargets.All, .. LinkTargets.All, .. TokenTargets.All];
if (FuzzOptions.Parse(args) is not { } options || (options.Replay is not null && options.Target is null))
{
    Console.Error.WriteLine("usage: fuzz.sh [--seconds N] [--inputs N] [--seed N] [--target NAME] [--crashes DIR] | --target NAME --replay FILE");
    Console.Error.WriteLine("targets: " + string.Join(' ', all.Select(target => target.Name)));
    return 2;
}

var targets = all.Where(target => options.Target is null || target.Name == options.Target).ToArray();
if (targets.Length == 0)
{
    Console.Error.WriteLine($"There is no target {options.Target}.");
    return 2;
}

if (options.Replay is { } file)
{
    var fault = await new Fuzzer(targets[0], options).FindFaultAsync(await File.ReadAllBytesAsync(file));
    Console.WriteLine(fault ?? "Every promise was kept.");
    return fault is null ? 0 : 1;
}

Console.WriteLine($"Seed {options.Seed}");
var (passed, total) = (0, 0L);
foreach (var target in targets)
{
    var fuzzer = new Fuzzer(target, options);
    var watch = Stopwatch.StartNew();
    var isFine = await fuzzer.RunAsync(options.Duration / targets.Length ?? TimeSpan.MaxValue, (options.Inputs ?? long.MaxValue) / targets.Length);
    passed += isFine ? 1 : 0;
    total += fuzzer.Inputs;
    Console.WriteLine($"{target.Name}: {fuzzer.Inputs} inputs in {watch.Elapsed.TotalSeconds:0.0} s{(isFine ? "" : ", FAILED")}");
}

Console.WriteLine($"{total} inputs");
Console.WriteLine($"{passed} passed, {targets.Length - passed} failed");
return passed == targets.Length ? 0 : 1;
