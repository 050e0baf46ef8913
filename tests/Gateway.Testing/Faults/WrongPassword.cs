using System.Diagnostics;
using System.Globalization;
using Gateway.Testing.Servers;

namespace Gateway.Testing.Faults;

/// <summary>A password that is wrong, and callers who ask all the same: how often does the server hear it?</summary>
public sealed class WrongPassword
{
    private const int Callers = 20;

    private readonly Latencies _answers = new();
    private int _others;

    private WrongPassword(string server) => Server = server;

    /// <summary>The kind of server.</summary>
    public string Server { get; }

    /// <summary>Refused logins in the server's own log.</summary>
    public int Attempts { get; private set; }

    /// <summary>How long the callers waited for their answer.</summary>
    public Latencies Answers => _answers;

    /// <summary>Answers other than 502.</summary>
    public int OtherAnswers => _others;

    /// <summary>A sentence with all of it.</summary>
    public string Summary => string.Create(CultureInfo.InvariantCulture,
        $"{Server}: {Attempts} attempts at the server, {OtherAnswers} answers other than 502; {Answers}");

    /// <summary>Runs it.</summary>
    /// <param name="server"><c>sftp</c> or <c>vsftpd</c>.</param>
    /// <param name="time">How long the callers ask.</param>
    public static async Task<WrongPassword> RunAsync(string server, TimeSpan time)
    {
        await using var backend = server == "sftp"
            ? await FaultBackend.StartSftpAsync(server, new SshServerOptions { Logins = SshLogins.Password })
            : await FaultBackend.StartAsync(server);
        backend.Set("Sftp:PrivateKeyFile", null);
        backend.Set("Password", "wrong-password-5519");
        backend.Settings["Pool:MinConnections"] = "4";
        await using var gateway = await FaultGateway.StartAsync(backend.GetConfiguration());
        var run = new WrongPassword(server);
        using var end = new CancellationTokenSource(time);
        using var client = gateway.CreateClient();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => run.AskAsync(client, end.Token)));
        run.Attempts = backend.Server.Log.Split('\n').Count(line =>
            line.Contains("Failed password", StringComparison.Ordinal) || line.Contains("FAIL LOGIN", StringComparison.Ordinal));
        return run;
    }

    private async Task AskAsync(HttpClient client, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            using var response = await client.GetAsync(new Uri($"/v1/backends/{Server}/directories/", UriKind.Relative), CancellationToken.None);
            _answers.AddSince(start);
            if (response.StatusCode != System.Net.HttpStatusCode.BadGateway)
            {
                Interlocked.Increment(ref _others);
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }
}
