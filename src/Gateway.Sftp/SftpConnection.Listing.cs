using System.Runtime.CompilerServices;
using Gateway.Broker.Backends;
using Gateway.Sftp.Protocol;

namespace Gateway.Sftp;

/// <content>Listings.</content>
internal sealed partial class SftpConnection
{
    public override async IAsyncEnumerable<RemoteEntry> ListAsync(RemotePath path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in ListBatchesAsync(path, cancellationToken))
        {
            for (var i = 0; i < batch.Length; i++)
            {
                yield return batch.Span[i];
            }
        }
    }

    public override async IAsyncEnumerable<ReadOnlyMemory<RemoteEntry>> ListBatchesAsync(
        RemotePath path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reader = await OpenDirectoryAsync(path, cancellationToken);
        var listed = new List<SftpDirectoryEntry>(128);
        var entries = Array.Empty<RemoteEntry>();
        while (await ReadBatchAsync(reader, listed, path, cancellationToken))
        {
            if (entries.Length < listed.Count)
            {
                entries = new RemoteEntry[Math.Max(128, listed.Count)];
            }

            for (var i = 0; i < listed.Count; i++)
            {
                entries[i] = SftpEntries.ToEntry(listed[i]);
            }

            yield return entries.AsMemory(0, listed.Count);
            listed.Clear();
        }
    }

    private async ValueTask<SftpDirectoryReader> OpenDirectoryAsync(RemotePath path, CancellationToken cancellationToken)
    {
        using var activity = _activities.StartOpen("list");
        try
        {
            var asked = _root.IsTrusted(path) ? null : _root.Ask(path);
            var open = _channel.OpenDirectory(_root.Locate(path));
            _channel.Flush();
            var checking = BeginCheckAsync(asked, path, cancellationToken);
            var opening = open.TakeHandleAsync(cancellationToken);
            var check = await checking.SettleAsync();
            var opened = await opening.SettleAsync();
            if (opened.IsValue && !check.IsValue)
            {
                CloseQuietly(opened.Value);
            }

            ThrowFirst(check.Error, opened.Error);
            return new SftpDirectoryReader(_channel, opened.Value);
        }
        catch (SftpStatusException e) when (e.Code is SftpStatusCode.NoSuchFile or SftpStatusCode.Failure)
        {
            // OpenSSH answers ENOTDIR with NO_SUCH_FILE, others with FAILURE: a look tells.
            if (await LookAsync(path) is { IsDirectory: false })
            {
                throw SftpActivities.Fail(activity, new BackendException(BackendError.NotADirectory, "This is not a folder.", e) { Path = path });
            }

            throw SftpActivities.Fail(activity, Explain(e, path));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw SftpActivities.Fail(activity, Explain(e, path));
        }
    }

    private async ValueTask<bool> ReadBatchAsync(
        SftpDirectoryReader reader, List<SftpDirectoryEntry> batch, RemotePath path, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadBatchAsync(batch, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Explain(e, path);
        }
    }
}
