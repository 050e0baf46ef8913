using Gateway.Api.Configuration;
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

    /// <summary>Looks at the file when it is open, and throws where it is not the one that is meant.</summary>
    public required Action<RemoteEntry> Require { get; init; }

    /// <summary>The options of the copy of <paramref name="entry"/>.</summary>
    public WriteOptions OptionsFor(in RemoteEntry entry) => new()
    {
        Overwrite = Overwrite,
        ExpectedLength = entry.Size,
        Modified = entry.ExactModified,
    };
}
