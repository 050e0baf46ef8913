using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Broker.Backends;

namespace Gateway.Api.Copies;

/// <summary>One file that is to be copied.</summary>
/// <param name="Source">The backend of the file.</param>
/// <param name="From">The file.</param>
/// <param name="Target">The backend of the copy.</param>
/// <param name="To">The copy.</param>
/// <param name="Overwrite">Whether a file in the way is replaced.</param>
internal sealed record FileCopy(ConfiguredBackend Source, RemotePath From, ConfiguredBackend Target, RemotePath To, bool Overwrite)
{
    /// <summary>Whether both are on the same backend.</summary>
    public bool IsWithinBackend => string.Equals(Source.Name, Target.Name, StringComparison.Ordinal);

    /// <summary>The caller's access to the file, or to a folder above it.</summary>
    public required PathAccess Reading { get; init; }

    /// <summary>The caller's access to the copy, or to a folder above it.</summary>
    public required PathAccess Writing { get; init; }

    /// <summary>Looks at the file when it is open, and throws where it is not the one that is meant.</summary>
    public required Action<RemoteEntry> Require { get; init; }

    /// <summary>The same for something below both.</summary>
    /// <param name="path">Its path below them.</param>
    public FileCopy Below(string path) => this with { From = Below(From, path), To = Below(To, path), Require = static _ => { } };

    /// <summary>The options of the copy of <paramref name="entry"/>.</summary>
    public WriteOptions OptionsFor(in RemoteEntry entry) => new()
    {
        Overwrite = Overwrite,
        ExpectedLength = entry.Size,
        Modified = entry.ExactModified,
    };

    private static RemotePath Below(RemotePath root, string path) =>
        RemotePath.TryParse($"{root.Value}/{path}", out var result, out var reason)
            ? result
            : throw new ProblemException(ProblemTypes.InvalidPath, $"What lies below '{path}' cannot be copied: {reason}") { Path = root };
}
