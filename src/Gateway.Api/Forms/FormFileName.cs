using System.Text.RegularExpressions;
using Gateway.Api.Errors;
using Gateway.Broker.Backends;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Forms;

/// <summary>
/// The name of a file in a form. Browsers send a plain name, old ones <c>C:\fakepath\name</c>, and for a whole folder a relative path
/// (<c>webkitdirectory</c>), which is kept. Nothing leaves the folder of the form: what could is refused, never repaired.
/// </summary>
internal static partial class FormFileName
{
    /// <summary>The name as the form has it; null where the part is no file, empty where no file was chosen.</summary>
    public static string? Find(ContentDispositionHeaderValue disposition)
    {
        // RFC 7578 has no use for filename*; clients that send it send the true name in it, and something else in filename.
        if (disposition.FileNameStar is { Length: > 0 } extended)
        {
            return extended.ToString();
        }

        var plain = disposition.Parameters.FirstOrDefault(parameter => parameter.Name.Equals("filename", StringComparison.OrdinalIgnoreCase));
        return plain is null ? null : Decode(plain.Value.ToString());
    }

    /// <summary>The file below <paramref name="folder"/> that is meant.</summary>
    /// <exception cref="ProblemException">The name is not one of a file below it.</exception>
    public static RemotePath Locate(RemotePath folder, string name)
    {
        var relative = WindowsPath().IsMatch(name) ? name[(name.LastIndexOfAny(['\\', '/']) + 1)..] : name;
        if (relative.StartsWith('/') || relative.EndsWith('/'))
        {
            throw Invalid("it starts or ends with a slash.");
        }

        return RemotePath.TryParse(folder.IsRoot ? "/" + relative : $"{folder.Value}/{relative}", out var path, out var reason) && path != folder
            ? path
            : throw Invalid(reason ?? "it is empty.");
    }

    /// <summary>
    /// Browsers write a quote, CR and LF in percent-encoding, and nothing else (HTML, section 4.10.21.8); other clients put a backslash
    /// before a quote and before a backslash.
    /// </summary>
    private static string Decode(string value)
    {
        var isQuoted = value is ['"', .., '"'];
        var text = isQuoted ? value[1..^1] : value;
        return Escape().Replace(text, match => match.Value switch
        {
            "%22" or "\\\"" => "\"",
            "\\\\" => "\\",
            "%0D" => "\r",
            _ => "\n",
        });
    }

    private static ProblemException Invalid(string reason) => new(ProblemTypes.InvalidPath, "The name of a file in the form cannot be used: " + reason);

    [GeneratedRegex(@"%22|%0D|%0A|\\""|\\\\", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Escape();

    [GeneratedRegex(@"^[A-Za-z]:[\\/]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WindowsPath();
}
