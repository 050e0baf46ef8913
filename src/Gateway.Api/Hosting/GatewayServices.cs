using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Copies;
using Gateway.Api.Directories;
using Gateway.Api.Directories.Zip;
using Gateway.Api.Entries;
using Gateway.Api.Errors;
using Gateway.Api.Files;
using Gateway.Api.Forms;
using Gateway.Api.Metrics;
using Gateway.Api.Moves;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Hosting;

/// <summary>What the gateway is made of.</summary>
internal static class GatewayServices
{
    /// <summary>Adds a protocol.</summary>
    public static void AddBackendDriver<TDriver>(this IServiceCollection services)
        where TDriver : class, IBackendDriver => services.AddSingleton<IBackendDriver, TDriver>();

    /// <summary>Reads the configuration; building the application fails where it is not valid.</summary>
    public static void AddGatewayConfiguration(this IServiceCollection services)
    {
        services.AddSingleton<GatewaySettingsReader>();
        services.AddSingleton(provider => new CurrentSettings(provider.GetRequiredService<GatewaySettingsReader>().Read()));
        services.AddHostedService<ConfigurationWatcher>();
    }

    /// <summary>The pools.</summary>
    public static void AddBroker(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ConnectionBroker>();
    }

    /// <summary>Numbers for operators; the collector has to be there before anything is counted.</summary>
    public static void AddGatewayMetrics(this IServiceCollection services)
    {
        services.AddMetrics();
        services.AddSingleton<MetricCollector>();
    }

    /// <summary>Answers to what fails.</summary>
    public static void AddProblems(this IServiceCollection services) => services.AddHostedService<MalformedRequests>();

    /// <summary>Handlers of the HTTP resources, and what they share.</summary>
    public static void AddResources(this IServiceCollection services)
    {
        services.AddSingleton<TransferMetrics>();
        services.AddSingleton<UploadCopier>();
        services.AddSingleton<ListingReader>();
        services.AddSingleton<ListingCache>();
        services.AddSingleton<ListingSnapshots>();
        services.AddSingleton<PageListing>();
        services.AddSingleton<LineListing>();
        services.AddSingleton<ZipListing>();
        services.AddSingleton<TargetConditions>();
        services.AddSingleton<FileUploader>();

        services.AddSingleton<BackendsHandler>();
        services.AddSingleton<ListHandler>();
        services.AddSingleton<CreateDirectoryHandler>();
        services.AddSingleton<DeleteDirectoryHandler>();
        services.AddSingleton<FormOrigin>();
        services.AddSingleton<FormHandler>();
        services.AddSingleton<LinkPage>();
        services.AddSingleton<DownloadHandler>();
        services.AddSingleton<UploadHandler>();
        services.AddSingleton<DeleteFileHandler>();
        services.AddSingleton<EntriesHandler>();
        services.AddSingleton<PatchEntryHandler>();
        services.AddSingleton<MovesHandler>();
        services.AddSingleton<CopyOpener>();
        services.AddSingleton<FileCopier>();
        services.AddSingleton<TreeCopier>();
        services.AddSingleton<CopiesHandler>();
    }

    /// <summary>A start and an end without a lost request.</summary>
    public static void AddLifecycle(this IServiceCollection services)
    {
        services.AddSingleton<Lifecycle>();
        services.AddHostedService<DrainService>();
    }

    /// <summary>Browsers of other origins.</summary>
    public static void AddBrowserAccess(this IServiceCollection services)
    {
        services.AddCors();
        services.AddSingleton<ICorsPolicyProvider, CorsPolicySource>();
    }

    /// <summary>The framework's CORS, for requests that tell an origin; it makes a scope and a table for each that it looks at.</summary>
    public static void UseBrowserAccess(this IApplicationBuilder app) =>
        app.UseWhen(static context => context.Request.Headers.ContainsKey(HeaderNames.Origin), static branch => branch.UseCors());
}
