namespace Gateway.Broker.Backends;

/// <summary>An upload committed.</summary>
/// <param name="Created">True where the target did not exist before.</param>
/// <param name="Entry">The file's metadata, read back from the server after the rename.</param>
public readonly record struct CommitResult(bool Created, RemoteEntry Entry);
