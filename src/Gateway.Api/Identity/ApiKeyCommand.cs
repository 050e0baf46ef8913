using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Api.Identity;

/// <summary><c>keys new NAME [--grants a,b] [--expires DATE]</c>: makes an API key, and prints it this once with its configuration.</summary>
internal static class ApiKeyCommand
{
    /// <summary>The word on the command line.</summary>
    public const string Word = "keys";

    /// <summary>What a name has to be.</summary>
    public const string NameRule = "A key's name is 1 to 63 letters (a-z), digits, dots, hyphens and single underscores, and starts with a letter or digit.";

    /// <summary>Exit code for a command line that is not understood (EX_USAGE of sysexits.h).</summary>
    private const int WrongUsage = 64;

    private const string Usage = "Usage: dotnet Gateway.Api.dll keys new NAME [--grants GRANT,GRANT] [--expires 2027-01-31]";

    private static readonly SearchValues<char> s_nameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>Whether <paramref name="name"/> can be the name of a key: fit for logs, and for environment variables, in which <c>__</c> separates.</summary>
    public static bool IsName(string name) =>
        name.Length is >= 1 and <= 63 && char.IsAsciiLetterOrDigit(name[0])
        && !name.AsSpan().ContainsAnyExcept(s_nameCharacters) && !name.Contains("__", StringComparison.Ordinal);

    /// <summary>Carries out the command.</summary>
    /// <param name="args">The command line, with <see cref="Word"/>.</param>
    /// <param name="output">For the key and its configuration.</param>
    /// <param name="errors">For what is wrong.</param>
    /// <returns>The exit code.</returns>
    public static int Run(ReadOnlySpan<string> args, TextWriter output, TextWriter errors)
    {
        if (args is not [Word, "new", var name, .. var rest])
        {
            errors.WriteLine(Usage);
            return WrongUsage;
        }

        if (!IsName(name))
        {
            errors.WriteLine(NameRule);
            return WrongUsage;
        }

        var entry = new JsonObject { ["Hash"] = "" };
        while (!rest.IsEmpty)
        {
            if (!TryReadOption(ref rest, entry))
            {
                errors.WriteLine(Usage);
                return WrongUsage;
            }
        }

        var (key, hash) = ApiKeyHash.Create();
        entry["Hash"] = hash.ToString();
        Print(output, name, key, entry);
        return 0;
    }

    private static bool TryReadOption(ref ReadOnlySpan<string> rest, JsonObject entry)
    {
        if (rest is ["--grants", var grants, ..])
        {
            entry["Grants"] = new JsonArray([.. grants.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(grant => (JsonNode)grant)]);
        }
        else if (rest is ["--expires", var date, ..] && DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            entry["Expires"] = date;
        }
        else
        {
            return false;
        }

        rest = rest[2..];
        return true;
    }

    private static void Print(TextWriter output, string name, string key, JsonObject entry)
    {
        var section = new JsonObject { ["Gateway"] = new JsonObject { ["Identity"] = new JsonObject { ["ApiKeys"] = new JsonObject { [name] = entry } } } };
        output.WriteLine($"""
            The key, for the caller alone; it is shown this once and kept nowhere:

              {key}

            Its configuration, for the gateway. Who reads it cannot call:

            {section.ToJsonString(s_indented)}

            The hash may also stand in a file Gateway__Identity__ApiKeys__{name}__Hash of the directory GATEWAY_SECRETS.
            """);
    }
}
