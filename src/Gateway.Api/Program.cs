using Gateway.Api.Access;
using Gateway.Api.Audit;
using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Copies;
using Gateway.Api.Directories;
using Gateway.Api.Entries;
using Gateway.Api.Errors;
using Gateway.Api.Files;
using Gateway.Api.Health;
using Gateway.Api.Hosting;
using Gateway.Api.Identity;
using Gateway.Api.Limits;
using Gateway.Api.Links;
using Gateway.Api.Logging;
using Gateway.Api.Management;
using Gateway.Api.Metrics;
using Gateway.Api.Moves;
using Gateway.Api.OpenApi;
using Gateway.Api.Telemetry;
using Gateway.Api.Tls;
using Gateway.Ftps;
using Gateway.Sftp;

namespace Gateway.Api;

/// <summary>The gateway's table of contents.</summary>
internal static class Program
{
    /// <summary>Exit code for a configuration that is not valid (EX_CONFIG of sysexits.h).</summary>
    public const int InvalidConfiguration = 78;

    public static async Task<int> Main(string[] args)
    {
        if (args is [ApiKeyCommand.Word, ..])
        {
            return ApiKeyCommand.Run(args, Console.Out, Console.Error);
        }

        if (args is [LinkKeyCommand.Word, ..])
        {
            return LinkKeyCommand.Run(args, Console.Out, Console.Error);
        }

        BatchScheduling.Begin();
        try
        {
            await using var app = Create(args);
            await app.RunAsync();
            return 0;
        }
        catch (InvalidConfigurationException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return InvalidConfiguration;
        }
        catch (IOException exception)
        {
            // An address in use, mostly: Kestrel's sentence names it.
            await Console.Error.WriteLineAsync("The gateway cannot start: " + exception.Message);
            return 1;
        }
    }

    /// <summary>Puts the gateway together.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="extend">Adds what a test needs: a driver of its own, another clock.</param>
    /// <exception cref="InvalidConfigurationException">The configuration is not valid.</exception>
    internal static WebApplication Create(string[] args, Action<WebApplicationBuilder>? extend = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.UseGatewaySources(args);
        builder.UseGatewayLogging();
        builder.UseGatewayKestrel();

        builder.Services.AddTelemetry();
        builder.Services.AddGatewayConfiguration();
        builder.Services.AddGatewayMetrics();
        builder.Services.AddBroker();
        builder.Services.AddProblems();
        builder.Services.AddSingleton<AuditLog>();
        builder.Services.AddIdentity();
        builder.Services.AddLinks();
        builder.Services.AddResources();
        builder.Services.AddGatewayHealth();
        builder.Services.AddGatewayOpenApi();
        builder.Services.AddLifecycle();
        builder.Services.AddLimits();
        builder.Services.AddManagement();
        builder.Services.AddServerCertificates();
        builder.Services.AddBrowserAccess();
        builder.Services.AddBackendDriver<SftpDriver>();
        builder.Services.AddBackendDriver<FtpsDriver>();
        extend?.Invoke(builder);

        var app = builder.Build();
        app.ReadServerCertificates();
        app.ListenForOperators();
        app.UseRequestSpans();
        app.UseMiddleware<AuditMiddleware>();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseMiddleware<KnownProxies>();
        app.UseMiddleware<SecurityHeadersMiddleware>();
        app.UseMiddleware<RequestTargetMiddleware>();
        app.UseMiddleware<SurfaceMiddleware>();
        app.UseMiddleware<HttpsOnlyMiddleware>();
        app.UseRouting();
        app.UseBrowserAccess();
        app.UseMiddleware<DrainMiddleware>();
        app.UseAccess();
        app.UseMiddleware<TransferLimitMiddleware>();
        app.UseMiddleware<LinkUseMiddleware>();

        app.MapBackends();
        app.MapDirectories();
        app.MapFiles();
        app.MapEntries();
        app.MapMoves();
        app.MapCopies();
        app.MapLinks();
        app.MapProblems();
        app.MapGatewayHealth();
        app.MapMetrics();
        app.MapGatewayOpenApi();
        return app;
    }
}
