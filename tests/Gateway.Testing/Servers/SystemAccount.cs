using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Gateway.Testing.Servers;

/// <summary>
/// An account of this machine with a random password, made for the run and removed by the janitor. Servers run their
/// sessions as it, so that file permissions mean something although the tests run as root.
/// </summary>
public sealed partial class SystemAccount
{
    private static readonly Lock Gate = new();
    private static Task<SystemAccount>? _shared;
    private static Task<SystemAccount>? _sharedWithoutShell;
    private static int _count;

    private SystemAccount(string name, string password, uint userId, uint groupId)
    {
        Name = name;
        Password = password;
        UserId = userId;
        GroupId = groupId;
    }

    /// <summary>Whether accounts can be made at all.</summary>
    public static bool CanCreate => Environment.IsPrivilegedProcess;

    /// <summary>User name.</summary>
    public string Name { get; }

    /// <summary>Password.</summary>
    public string Password { get; }

    /// <summary>User id.</summary>
    public uint UserId { get; }

    /// <summary>Group id.</summary>
    public uint GroupId { get; }

    /// <summary>The account that most servers of this process share; it has <c>/bin/sh</c>.</summary>
    public static Task<SystemAccount> GetSharedAsync()
    {
        lock (Gate)
        {
            return _shared ??= CreateAsync();
        }
    }

    /// <summary>The account that servers share which test logins without a shell.</summary>
    public static Task<SystemAccount> GetSharedWithoutShellAsync()
    {
        lock (Gate)
        {
            return _sharedWithoutShell ??= CreateAsync("/usr/sbin/nologin");
        }
    }

    /// <summary>Makes an account of its own.</summary>
    public static async Task<SystemAccount> CreateAsync(string shell = "/bin/sh")
    {
        if (!CanCreate)
        {
            throw new InvalidOperationException("The test servers need accounts of their own: run the tests as root, or through tests/run.sh, which uses sudo.");
        }

        Janitor.EnsureRunning();
        var number = Interlocked.Increment(ref _count);
        var name = string.Create(CultureInfo.InvariantCulture, $"gwt{Environment.ProcessId}x{number}");
        var password = "Pw" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
        await RetryAsync("useradd", ["--no-create-home", "--home-dir", "/tmp", "--shell", shell, "--comment", $"gateway-tests-{TestProcess.Mark}", name], null);
        // A SHA-512 hash rather than the system's default: every server here can check it by itself, without PAM.
        await RetryAsync("chpasswd", ["--encrypted"], $"{name}:{PasswordHash.Compute(password)}\n");
        var fields = (await Command.RunAsync("getent", ["passwd", name])).Split(':');
        return new SystemAccount(
            name, password, uint.Parse(fields[2], CultureInfo.InvariantCulture), uint.Parse(fields[3], CultureInfo.InvariantCulture));
    }

    /// <summary>Gives it a file, a folder or a link itself.</summary>
    public void Own(string path)
    {
        if (ChangeOwner(path, UserId, GroupId) != 0)
        {
            throw new IOException($"chown {path}: error {Marshal.GetLastPInvokeError()}");
        }
    }

    /// <summary>The words that run a command as this account.</summary>
    internal IReadOnlyList<string> GetRunAs() =>
    [
        "setpriv", $"--reuid={UserId.ToString(CultureInfo.InvariantCulture)}",
        $"--regid={GroupId.ToString(CultureInfo.InvariantCulture)}", "--clear-groups",
    ];

    private static async Task RetryAsync(string file, string[] arguments, string? input)
    {
        for (var attempt = 0; ; attempt++)
        {
            var (exitCode, output) = await Command.TryRunAsync(file, arguments, input);
            if (exitCode == 0)
            {
                return;
            }

            if (attempt == 50 || !output.Contains("lock", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"{file} ended with {exitCode}: {output}");
            }

            // Another test process holds the lock on /etc/passwd.
            await Task.Delay(100);
        }
    }

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
