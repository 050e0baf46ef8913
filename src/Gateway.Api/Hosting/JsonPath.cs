using Gateway.Api.Errors;
using Gateway.Broker.Backends;

namespace Gateway.Api.Hosting;

/// <summary>Paths in JSON documents: plain text, not percent-encoded.</summary>
internal static class JsonPath
{
    /// <summary>Reads a path that is not the root.</summary>
    /// <exception cref="ProblemException">It is not valid.</exception>
    public static RemotePath Read(string text, string member)
    {
        if (!RemotePath.TryParse(text, out var path, out var reason))
        {
            throw new ProblemException(ProblemTypes.InvalidPath, $"'{member}': {reason}");
        }

        return path.IsRoot ? throw new ProblemException(ProblemTypes.InvalidPath, $"'{member}' is the root, which stays where it is.") : path;
    }
}
