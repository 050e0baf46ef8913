using Gateway.Api.Configuration;
using Gateway.Api.Directories;
using Gateway.Api.Errors;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Copies;

/// <summary>What is in a tree that is to be copied, read as a whole before anything is written: what cannot be copied is found first.</summary>
internal sealed class CopyPlan
{
    /// <summary>Most entries of a tree; larger ones are copied in parts.</summary>
    public const int MaxEntries = 100_000;

    /// <summary>Paths below the tree's root, parents before what they hold.</summary>
    public List<string> Folders { get; } = [];

    /// <summary>Paths below the tree's root.</summary>
    public List<string> Files { get; } = [];

    /// <summary>Links, pipes and the like, which are left out.</summary>
    public int Skipped { get; private set; }

    /// <summary>
    /// Reads a tree. What the caller may not see is no part of it; where it may not read something that it sees, or not write its copy,
    /// nothing is copied. The lease ends with the reading.
    /// </summary>
    /// <exception cref="BackendException">A folder cannot be read.</exception>
    /// <exception cref="ProblemException">The tree is too large, has a name that no path can hold, or something that the caller may not copy.</exception>
    public static ValueTask<CopyPlan> ReadAsync(ConnectionBroker broker, FileCopy copy, CancellationToken cancellationToken) =>
        broker.RunAsync(copy.Source.Name, (connection, token) => ReadAsync(connection, copy, token), cancellationToken);

    private static async ValueTask<CopyPlan> ReadAsync(BackendConnection connection, FileCopy copy, CancellationToken cancellationToken)
    {
        var plan = new CopyPlan();
        await using var tree = await TreeStream.OpenAsync(connection, copy.From, depth: int.MaxValue, copy.Reading, cancellationToken);
        while (await tree.MoveNextAsync())
        {
            if (tree.Current.Unreadable is { } unreadable)
            {
                throw unreadable;
            }

            plan.Add(tree.Current, copy);
        }

        return plan;
    }

    private void Add(in TreeItem item, FileCopy copy)
    {
        if (!item.Entry.IsAddressable)
        {
            throw new ProblemException(ProblemTypes.InvalidPath, $"'{item.Entry.Name}' cannot be copied: its name cannot be written in a path.") { Path = item.Folder };
        }

        if (Folders.Count + Files.Count == MaxEntries)
        {
            throw new ProblemException(ProblemTypes.InvalidRequest, $"The tree has more than {MaxEntries} entries; copy it in parts.");
        }

        var path = item.Parent.Length == 0 ? item.Entry.Name : $"{item.Parent}/{item.Entry.Name}";
        switch (item.Entry.Type)
        {
            case RemoteEntryType.Directory:
                copy.Writing.Require(copy.Below(path).To, GrantVerb.Write);
                Folders.Add(path);
                break;
            case RemoteEntryType.File:
                var file = copy.Below(path);
                copy.Reading.Require(file.From, GrantVerb.Read);
                copy.Writing.Require(file.To, GrantVerb.Write);
                Files.Add(path);
                break;
            default:
                Skipped++;
                break;
        }
    }
}
