using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Gateway.Testing.Certificates;
using Gateway.Testing.Network;

namespace Gateway.Testing.Servers;

/// <summary>nginx with TLS in front of a gateway, by <c>deploy/nginx/gateway.conf</c> with other addresses and files.</summary>
public sealed class NginxProxy : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly X509Certificate2 _authority;
    private readonly int _port;
    private ServerProcess? _process;

    private NginxProxy(X509Certificate2 authority, int port) => (_authority, _port) = (authority, port);

    /// <summary><c>https://localhost:PORT/</c>.</summary>
    public Uri BaseAddress => new(string.Create(CultureInfo.InvariantCulture, $"https://localhost:{_port}/"));

    /// <summary>What nginx said.</summary>
    public string Log => File.Exists(_folder["error.log"]) ? File.ReadAllText(_folder["error.log"]) : "";

    /// <summary>Files that nginx keeps of bodies: none, if it streams.</summary>
    public IReadOnlyList<string> SpooledFiles => Directory.GetFiles(_folder["spool"], "*", SearchOption.AllDirectories);

    /// <summary>Starts nginx; returns when it takes connections.</summary>
    /// <param name="gateway">The gateway's address.</param>
    /// <param name="edit">Changes the configuration.</param>
    public static async Task<NginxProxy> StartAsync(Uri gateway, Func<string, string>? edit = null)
    {
        await ServerPackages.EnsureAsync("nginx");
        using var authority = new TestCertificateAuthority();
        var proxy = new NginxProxy(X509Certificate2.CreateFromPem(authority.CertificatePem), FreePort.Next());
        var certificate = authority.CreateServerCertificate();
        proxy._folder.Write("files.crt", certificate.CertificatePem);
        proxy._folder.WriteSecret("files.key", certificate.PrivateKeyPem);
        proxy._folder.CreateFolder("spool");
        var server = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy", "nginx", "gateway.conf"));
        proxy._folder.Write("nginx.conf", proxy.Configure(edit is null ? server : edit(server), gateway));
        await proxy.LaunchAsync();
        return proxy;
    }

    /// <summary>A client that trusts nginx's certificate, follows no redirect, and speaks one version of HTTP.</summary>
    public HttpClient CreateClient(Version version)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        handler.TrustOnly(_authority);
        return new HttpClient(handler)
        {
            BaseAddress = BaseAddress,
            Timeout = TimeSpan.FromSeconds(60),
            DefaultRequestVersion = version,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            await process.DisposeAsync();
        }

        _authority.Dispose();
        _folder.Dispose();
    }

    private string Configure(string server, Uri gateway) => $$"""
        daemon off;
        worker_processes 1;
        pid {{_folder["nginx.pid"]}};
        error_log {{_folder["error.log"]}} info;
        {{(Environment.UserName == "root" ? "user root;" : "")}}
        events { worker_connections 512; }
        http {
            access_log off;
            client_body_temp_path {{_folder["spool"]}}/body;
            proxy_temp_path {{_folder["spool"]}}/proxy;
            fastcgi_temp_path {{_folder["spool"]}}/fastcgi;
            uwsgi_temp_path {{_folder["spool"]}}/uwsgi;
            scgi_temp_path {{_folder["spool"]}}/scgi;
        {{server
            .Replace("server 127.0.0.1:8080;", $"server {gateway.Authority};", StringComparison.Ordinal)
            .Replace("listen 443 ", string.Create(CultureInfo.InvariantCulture, $"listen 127.0.0.1:{_port} "), StringComparison.Ordinal)
            .Replace("files.example.com", "localhost", StringComparison.Ordinal)
            .Replace("/etc/nginx/tls/", _folder.Path + "/", StringComparison.Ordinal)}}
        }
        """;

    private async Task LaunchAsync()
    {
        _process = ServerProcess.Start(
            [ServerPackages.GetFile("nginx", "usr/sbin/nginx"), "-p", _folder.Path, "-c", _folder["nginx.conf"], "-e", _folder["error.log"]],
            _folder["output.log"],
            ServerPackages.GetEnvironment("nginx"));
        using var client = CreateClient(HttpVersion.Version11);
        await Eventually.HoldsAsync(async () =>
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException("nginx did not start: " + Log + File.ReadAllText(_folder["output.log"]));
            }

            try
            {
                using var response = await client.GetAsync(new Uri("/health/live", UriKind.Relative));
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
    }
}
