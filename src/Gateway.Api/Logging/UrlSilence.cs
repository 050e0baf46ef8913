using Microsoft.Extensions.Options;

namespace Gateway.Api.Logging;

/// <summary>
/// Keeps the categories of the framework quiet that write a request's whole target, where a link's signature stands: below
/// <see cref="LogLevel.Warning"/> they say nothing, whatever the configuration asks for. <c>Gateway.Audit</c> has a line for each request.
/// </summary>
internal sealed class UrlSilence : IPostConfigureOptions<LoggerFilterOptions>
{
    private static readonly string[] s_categories = ["Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Server.Kestrel.BadRequests"];

    /// <inheritdoc/>
    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        // A rule for one provider goes before those for all: each provider that has any gets these, too. Of two rules for the same the later
        // one counts, and this runs behind the configuration, each time that it is read.
        foreach (var provider in options.Rules.Select(rule => rule.ProviderName).Append(null).Distinct(StringComparer.Ordinal).ToArray())
        {
            foreach (var category in s_categories)
            {
                var asked = Find(options, provider, category) ?? Find(options, null, category) ?? options.MinLevel;
                var level = asked > LogLevel.Warning ? asked : LogLevel.Warning;
                options.Rules.Add(new LoggerFilterRule(provider, category, level, filter: null));
            }
        }
    }

    /// <summary>The level of the most specific rule; null where there is none.</summary>
    private static LogLevel? Find(LoggerFilterOptions options, string? provider, string category) => options.Rules
        .Where(rule => rule.ProviderName == provider && category.StartsWith(rule.CategoryName ?? "", StringComparison.OrdinalIgnoreCase))
        .OrderBy(rule => rule.CategoryName?.Length ?? 0)
        .LastOrDefault()?.LogLevel;
}
