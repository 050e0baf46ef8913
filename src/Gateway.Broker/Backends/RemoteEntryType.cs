namespace Gateway.Broker.Backends;

/// <summary>What an entry is. The names are those of the JSON field <c>type</c>.</summary>
public enum RemoteEntryType
{
    File,
    Directory,
    Symlink,
    Other,
}
