using Gateway.Broker.Backends;

namespace Gateway.Api.Directories;

/// <summary>What a walk through a tree comes to.</summary>
/// <param name="Folder">The folder that holds it.</param>
/// <param name="Parent">The same below where the walk began; empty there.</param>
/// <param name="Entry">The entry; nothing where a folder could not be read.</param>
/// <param name="Unreadable">Why <paramref name="Folder"/> could not be read; null for an entry.</param>
internal readonly record struct TreeItem(RemotePath Folder, string Parent, RemoteEntry Entry, BackendException? Unreadable = null);
