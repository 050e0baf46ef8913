using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Runtime.Serialization;
using Gateway.Broker.Backends;

namespace Gateway.Api.Configuration;

/// <summary>Reads one configuration value, strictly.</summary>
internal static class ConfigurationValue
{
    private static readonly Type[] s_types =
    [
        typeof(string), typeof(Secret), typeof(bool), typeof(int), typeof(long), typeof(TimeSpan), typeof(DateOnly), typeof(Uri),
        typeof(Version),
    ];

    /// <summary>Whether values of <paramref name="type"/> are written as one text.</summary>
    public static bool CanParse(Type type) => type.IsEnum || s_types.Contains(type);

    /// <summary>Reads <paramref name="text"/> as a <paramref name="type"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="type">One of the types of <see cref="CanParse"/>.</param>
    /// <param name="isSecret">Whether it comes from where secrets are kept, and so is not quoted whatever it was written for.</param>
    /// <param name="value">The value.</param>
    /// <param name="advice">What to write instead. It never quotes a secret.</param>
    public static bool TryParse(
        string text, Type type, bool isSecret, [NotNullWhen(true)] out object? value, [NotNullWhen(false)] out string? advice)
    {
        value = type switch
        {
            _ when type == typeof(string) => text,
            _ when type == typeof(Secret) => new Secret(text),
            _ when type == typeof(bool) => bool.TryParse(text, out var flag) ? flag : null,
            _ when type == typeof(int) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
            _ when type == typeof(long) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
            _ when type == typeof(TimeSpan) => ParseTimeSpan(text),
            _ when type == typeof(DateOnly) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null,
            _ when type == typeof(Uri) => Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : null,
            _ when type == typeof(Version) => Version.TryParse(text, out var version) ? version : null,
            _ => ParseEnum(text, type),
        };
        advice = value is null ? $"{(isSecret ? "It" : Quote(text))} is not {Describe(type)}." : null;
        return value is not null;
    }

    private static TimeSpan? ParseTimeSpan(string text) =>
        // TimeSpan reads "15" as fifteen days: nobody means that.
        text.Contains(':', StringComparison.Ordinal)
            && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span : null;

    private static object? ParseEnum(string text, Type type)
    {
        foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            if (string.Equals(text, Word(field), StringComparison.OrdinalIgnoreCase)
                || string.Equals(text, field.Name, StringComparison.OrdinalIgnoreCase))
            {
                return field.GetValue(null);
            }
        }

        return null;
    }

    private static string Describe(Type type) => type switch
    {
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(TimeSpan) => "a time; write hours:minutes:seconds, such as 00:00:30",
        _ when type == typeof(DateOnly) => "a date; write it as 2027-01-31",
        _ when type == typeof(Uri) => "a URL; write it in full, such as https://login.example.com",
        _ when type == typeof(Version) => "a version; write it as 1.2",
        _ => "one of " + string.Join(", ", type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(Word)),
    };

    /// <summary>How an enumeration's member is written: <c>WithinRoot</c> as <c>within-root</c>.</summary>
    private static string Word(FieldInfo field)
    {
        if (field.GetCustomAttribute<EnumMemberAttribute>()?.Value is { } word)
        {
            return word;
        }

        return string.Concat(field.Name.Select((c, i) =>
            char.IsUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : c.ToString()));
    }

    private static string Quote(string text)
    {
        var shown = text.Length <= 40 ? text : text[..40] + "…";
        return '"' + string.Concat(shown.Select(c => char.IsControl(c) ? '?' : c)) + '"';
    }
}
