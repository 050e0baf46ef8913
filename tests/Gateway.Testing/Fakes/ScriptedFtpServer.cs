using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gateway.Testing.Certificates;

namespace Gateway.Testing.Fakes;

/// <summary>
/// An FTPS server on loopback that keeps files in memory and misbehaves as a test tells it to. Explicit TLS; one flat folder, <c>/</c>.
/// </summary>
public sealed class ScriptedFtpServer : IAsyncDisposable
{
    private readonly TestCertificateAuthority _authority = new();
    private readonly SslServerAuthenticationOptions _tls;
    private readonly Lazy<SslServerAuthenticationOptions> _otherTls = new(static () =>
    {
        using var other = new TestCertificateAuthority();
        return CreateTls(other);
    });

    private readonly Socket _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Task, byte> _sessions = new();
    private readonly ConcurrentDictionary<Session, byte> _open = new();
    private readonly Task _accepting;

    public ScriptedFtpServer()
    {
        _tls = CreateTls(_authority);
        _listener = Listen();
        Port = PortOf(_listener);
        _accepting = AcceptAsync();
    }

    /// <summary>The control port, on 127.0.0.1; the certificate names <c>localhost</c>.</summary>
    public int Port { get; }

    /// <summary>The authority's certificate.</summary>
    public string AuthorityPem => _authority.CertificatePem;

    /// <summary>Files by name, without a slash.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Every command of every session, in order.</summary>
    public ConcurrentQueue<string> Commands { get; } = new();

    /// <summary>What FEAT lists.</summary>
    public IReadOnlyList<string> Features { get; set; } = ["UTF8", "MLST type*;size*;modify*;", "SIZE", "MDTM", "MFMT", "EPSV", "REST STREAM"];

    /// <summary>What SYST says.</summary>
    public string System { get; set; } = "UNIX Type: L8";

    /// <summary>
    /// Lines to say instead of the usual ones, given verb and argument; null: the usual. A command so answered does nothing else.
    /// </summary>
    public Func<string, string, string?> Instead { get; set; } = (_, _) => null;

    /// <summary>
    /// Does something else with the control connection, given verb (empty: to greet), argument and stream. False: what it usually does.
    /// </summary>
    public Func<string, string, Stream, CancellationToken, Task<bool>> OnCommand { get; set; } = static (_, _, _, _) => Task.FromResult(false);

    /// <summary>Does something else with a data connection, given the verb, before TLS. False: the usual.</summary>
    public Func<string, Stream, CancellationToken, Task<bool>> OnData { get; set; } = static (_, _, _) => Task.FromResult(false);

    /// <summary>The same behind TLS.</summary>
    public Func<string, Stream, CancellationToken, Task<bool>> OnProtectedData { get; set; } = static (_, _, _) => Task.FromResult(false);

    /// <summary>Whether data connections show another certificate, of another authority, than the control connection.</summary>
    public bool ChangesCertificate { get; set; }

    /// <summary>What becomes of replies and listings on their way out.</summary>
    public Func<byte[], byte[]> Mutate { get; set; } = static bytes => bytes;

    /// <summary>What LIST and MLSD send; null: the files.</summary>
    public string? Listing { get; set; }

    /// <summary>Whether a data connection ends with a close_notify.</summary>
    public bool SendsCloseNotify { get; set; } = true;

    /// <summary>What ends a transfer; empty: nothing.</summary>
    public string TransferEnd { get; set; } = "226 done\r\n";

    /// <summary>Bytes of an upload that are read before it is ended with <see cref="TransferEnd"/>; null: all.</summary>
    public int? UploadLimit { get; set; }

    /// <summary>Bytes of a file that are left out at its end, though SIZE counts them.</summary>
    public int LeftOut { get; set; }

    /// <summary>How often a command was heard.</summary>
    public int Count(string command) => Commands.Count(heard => heard == command || heard.StartsWith(command + " ", StringComparison.Ordinal));

    /// <summary>Says something on every session, unasked.</summary>
    public Task SayAsync(string text) => Task.WhenAll(_open.Keys.Select(session => session.SayAsync(text)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_sessions.Keys);
        _authority.Dispose();
        _stopping.Dispose();
    }

    private static SslServerAuthenticationOptions CreateTls(TestCertificateAuthority authority)
    {
        var shown = authority.CreateServerCertificate();
        using var certificate = X509Certificate2.CreateFromPem(shown.CertificatePem, shown.PrivateKeyPem);
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(
                X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null), null, offline: true),
        };
    }

    private static Socket Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return listener;
    }

    private static int PortOf(Socket listener) => ((IPEndPoint)listener.LocalEndPoint!).Port;

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_stopping.Token);
                _sessions.TryAdd(Task.Run(() => ServeAsync(socket)), 0);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var _ = socket;
        try
        {
            await using var session = new Session(this, socket);
            await session.RunAsync(_stopping.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException
            or global::System.Security.Authentication.AuthenticationException)
        {
            // The client left, or the test is over.
        }
    }

    private sealed class Session(ScriptedFtpServer server, Socket socket) : IAsyncDisposable
    {
        private Stream _stream = new NetworkStream(socket);
        private Socket? _passive;
        private string _renameFrom = "";
        private int _restart;

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            if (!await server.OnCommand("", "", _stream, cancellationToken))
            {
                await SayAsync(server.Instead("", "") ?? "220 scripted\r\n");
            }

            var reader = new StreamReader(_stream, Encoding.UTF8, leaveOpen: true);
            server._open.TryAdd(this, 0);
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                server.Commands.Enqueue(line);
                var (verb, argument) = line.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space ? (line[..space], line[(space + 1)..]) : (line, "");
                if (await server.OnCommand(verb, argument, _stream, cancellationToken))
                {
                    continue;
                }

                if (server.Instead(verb, argument) is { } instead)
                {
                    await SayAsync(instead);
                    continue;
                }

                if (verb == "AUTH")
                {
                    await SayAsync("234 go\r\n");
                    var tls = new SslStream(_stream);
                    await tls.AuthenticateAsServerAsync(server._tls, cancellationToken);
                    _stream = tls;
                    reader = new StreamReader(tls, Encoding.UTF8, leaveOpen: true);
                    continue;
                }

                if (verb == "QUIT")
                {
                    await SayAsync("221 bye\r\n");
                    return;
                }

                await (verb is "RETR" or "STOR" or "LIST" or "MLSD"
                    ? TransferAsync(verb, argument.TrimStart('/'), cancellationToken)
                    : SayAsync(Answer(verb, argument)));
            }
        }

        public async Task SayAsync(string text)
        {
            if (text.Length > 0)
            {
                await _stream.WriteAsync(server.Mutate(Encoding.UTF8.GetBytes(text)));
            }
        }

        public async ValueTask DisposeAsync()
        {
            server._open.TryRemove(this, out _);
            _passive?.Dispose();
            await _stream.DisposeAsync();
        }

        private string Answer(string verb, string argument)
        {
            var name = argument[(argument.LastIndexOf('/') + 1)..];
            switch (verb)
            {
                case "USER":
                    return "331 password\r\n";
                case "PASS":
                    return "230 in\r\n";
                case "SYST":
                    return $"215 {server.System}\r\n";
                case "FEAT":
                    return "211-Features:\r\n" + string.Concat(server.Features.Select(feature => $" {feature}\r\n")) + "211 End\r\n";
                case "PWD":
                    return "257 \"/\"\r\n";
                case "CWD":
                    return argument == "/" ? "250 ok\r\n" : "550 no\r\n";
                case "EPSV" or "PASV":
                    _passive?.Dispose();
                    _passive = Listen();
                    var port = PortOf(_passive);
                    // An address that nobody must ever connect to (RFC 5737).
                    return verb == "EPSV" ? $"229 ok (|||{port}|)\r\n" : $"227 ok (192,0,2,1,{port / 256},{port % 256})\r\n";
                case "SIZE":
                    return server.Files.TryGetValue(name, out var content) ? $"213 {content.Length}\r\n" : "550 no\r\n";
                case "MDTM":
                    return server.Files.ContainsKey(name) ? "213 20260101000000\r\n" : "550 no\r\n";
                case "MLST":
                    return argument == "/" ? "250-x\r\n type=dir; /\r\n250 End\r\n"
                        : server.Files.TryGetValue(name, out content) ? $"250-x\r\n {FactsOf(name, content)}\r\n250 End\r\n" : "550 no\r\n";
                case "DELE":
                    return server.Files.TryRemove(name, out _) ? "250 gone\r\n" : "550 no\r\n";
                case "REST":
                    _restart = int.Parse(argument, CultureInfo.InvariantCulture);
                    return "350 ok\r\n";
                case "RNFR":
                    _renameFrom = name;
                    return server.Files.ContainsKey(name) ? "350 ok\r\n" : "550 no\r\n";
                case "RNTO":
                    server.Files.TryRemove(_renameFrom, out content);
                    server.Files[name] = content!;
                    return "250 ok\r\n";
                default:
                    return "200 ok\r\n";
            }
        }

        private async Task TransferAsync(string verb, string name, CancellationToken cancellationToken)
        {
            if (verb == "RETR" && !server.Files.ContainsKey(name))
            {
                await SayAsync("550 no\r\n");
                return;
            }

            using var data = await _passive!.AcceptAsync(cancellationToken);
            await SayAsync("150 here\r\n");
            var raw = new NetworkStream(data);
            if (await server.OnData(verb, raw, cancellationToken))
            {
                return;
            }

            await using var tls = new SslStream(raw);
            await tls.AuthenticateAsServerAsync(server.ChangesCertificate ? server._otherTls.Value : server._tls, cancellationToken);
            if (await server.OnProtectedData(verb, tls, cancellationToken))
            {
                return;
            }

            try
            {
                if (verb == "STOR")
                {
                    await ReceiveAsync(name, tls, cancellationToken);
                }
                else
                {
                    var content = verb == "RETR" ? (server.Files.TryGetValue(name, out var file) ? file[_restart..^server.LeftOut] : []) : Encoding.UTF8.GetBytes(server.Listing ?? ListFiles());
                    await tls.WriteAsync(verb == "RETR" ? content : server.Mutate(content), cancellationToken);
                }

                if (server.SendsCloseNotify)
                {
                    await tls.ShutdownAsync();
                }

                data.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is IOException or SocketException && verb != "STOR")
            {
                // The caller has what it wanted, and left.
                await SayAsync("426 the data connection is gone\r\n");
                return;
            }
            finally
            {
                _restart = 0;
            }

            await SayAsync(server.TransferEnd);
        }

        private async Task ReceiveAsync(string name, SslStream tls, CancellationToken cancellationToken)
        {
            using var content = new MemoryStream();
            var buffer = new byte[16 * 1024];
            try
            {
                int count;
                while ((server.UploadLimit is null || content.Length < server.UploadLimit) && (count = await tls.ReadAsync(buffer, cancellationToken)) > 0)
                {
                    content.Write(buffer, 0, count);
                }
            }
            finally
            {
                // What came before a cut stays, as it does on disks.
                server.Files[name] = content.ToArray()[..^Math.Min(server.LeftOut, (int)content.Length)];
            }
        }

        private string ListFiles() => string.Concat(server.Files.Select(file => FactsOf(file.Key, file.Value) + "\r\n"));

        private static string FactsOf(string name, byte[] content) => $"type=file;size={content.Length};modify=20260101000000; {name}";
    }
}
