using System.Buffers;
using System.Runtime.ExceptionServices;
using Gateway.Broker.Backends;
using Gateway.Sftp.Protocol;

namespace Gateway.Sftp;

/// <summary>An upload into a temporary file beside its target.</summary>
internal sealed class SftpWriteStream : RemoteWriteStream
{
    private readonly SftpConnection _connection;
    private readonly SftpChannel _channel;
    private readonly RemotePath _path;
    private readonly SftpUploadTarget _target;
    private readonly string _temporary;
    private readonly SftpFileWriter _writer;
    private readonly WriteOptions _options;
    private bool _ended;

    public SftpWriteStream(
        SftpConnection connection,
        SftpChannel channel,
        RemotePath path,
        SftpUploadTarget target,
        string temporary,
        SftpHandle handle,
        WriteOptions options)
    {
        _connection = connection;
        _channel = channel;
        _path = path;
        _target = target;
        _temporary = temporary;
        _writer = new SftpFileWriter(channel, handle);
        _options = options;
    }

    public override long Length => _writer.Length;

    public override int PreferredWriteSize => _writer.PreferredWriteSize;

    public override async ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
    {
        try
        {
            await _writer.WriteAsync(data, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw await _connection.ExplainWriteAsync(e, _temporary, _path);
        }
    }

    public override async ValueTask<bool> TryCopyFromAsync(RemoteReadStream source, CancellationToken cancellationToken)
    {
        if (!_channel.Extensions.CopyData || source is not SftpReadStream file || file.Connection != _connection
            || file.Handle is not { } handle || source.Entry.Size is not { } size)
        {
            return false;
        }

        try
        {
            if (!await _writer.TryCopyAsync(handle, size, cancellationToken))
            {
                return false;
            }
        }
        catch (SftpStatusException e) when (e.Code == SftpStatusCode.EndOfFile)
        {
            throw ChangedSource(e);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw await _connection.ExplainWriteAsync(e, _temporary, _path);
        }

        var now = await file.GetCurrentEntryAsync(cancellationToken);
        return now.Size == size && now.Modified == source.Entry.Modified ? true : throw ChangedSource(cause: null);
    }

    /// <summary>
    /// Only where fsync and posix-rename say that these are the files of a POSIX system: behind others a second handle may be a second
    /// object, or cut off what the first has written.
    /// </summary>
    public override async ValueTask<IAsyncDisposable?> OpenMemberAsync(BackendConnection connection, CancellationToken cancellationToken) =>
        connection is SftpConnection other && _channel.Extensions is { Fsync: true, PosixRename: true }
            ? await other.OpenLaneAsync(_temporary, _path, cancellationToken)
            : null;

    public override bool TryJoin(IAsyncDisposable member)
    {
        if (member is not SftpWriteLane lane)
        {
            return false;
        }

        _writer.Add(lane);
        return true;
    }

    public override void Part(IAsyncDisposable member)
    {
        if (member is SftpWriteLane lane)
        {
            _writer.Remove(lane);
        }
    }

    public override async ValueTask<CommitResult> CommitAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        try
        {
            var stored = await _writer.FinishAsync(cancellationToken);
            await CheckLengthAsync(stored);
            await SetAttributesAsync(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();

            // From here on the caller's leaving changes nothing: the renaming would be left half known.
            return await RenameAsync();
        }
        catch (SftpStatusException e)
        {
            throw await _connection.ExplainWriteAsync(e, _temporary, _path);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw _connection.Explain(e, _path);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        await _writer.DisposeAsync();
        await _connection.RemoveTemporaryAsync(_temporary);
    }

    private BackendException ChangedSource(Exception? cause) =>
        new(BackendError.PreconditionFailed, "The file was changed while the server copied it; the copy was abandoned.", cause) { Path = _path };

    /// <summary>No file gets its name whose length the server does not confirm.</summary>
    private async ValueTask CheckLengthAsync(long? stored)
    {
        if (stored != Length)
        {
            // Some servers count an open file's bytes only when it is closed.
            stored = (await LookAsync(_temporary)).Length;
        }

        if (stored is { } length && length != Length)
        {
            throw new BackendException(BackendError.ProtocolError, $"The server stored {length} of {Length} bytes; the upload was abandoned.") { Path = _path };
        }

        if (_options.ExpectedLength is { } expected && expected != Length)
        {
            throw new BackendException(BackendError.PreconditionFailed, $"The upload has {Length} bytes where {expected} were announced; it was abandoned.") { Path = _path };
        }
    }

    private async ValueTask SetAttributesAsync(CancellationToken cancellationToken)
    {
        if (_options.Modified is null && _target.Permissions is null)
        {
            return;
        }

        try
        {
            await _connection.DoAsync(_channel.SetStat(_temporary, _target.Permissions, SftpConnection.ToSftpTime(_options.Modified)), cancellationToken);
        }
        catch (SftpStatusException)
        {
            // The time and the mode are the server's to keep or not; the content is what was promised.
        }
    }

    private async ValueTask<CommitResult> RenameAsync()
    {
        try
        {
            var created = _options is { Overwrite: true, MayReplace: null } && _channel.Extensions.PosixRename
                ? await ReplaceAsync()
                : await MoveIntoPlaceAsync();
            _ended = true;
            await _writer.DisposeAsync();
            return created;
        }
        catch (SftpStatusException e)
        {
            throw await _connection.ExplainRenameAsync(e, _path, _path, _options.Overwrite);
        }
    }

    /// <summary>Replaces whatever file is there, in one step and with one round trip; the looks before and after it go along.</summary>
    private async ValueTask<CommitResult> ReplaceAsync()
    {
        var before = _channel.LStat(_target.ServerPath);
        var rename = _channel.PosixRename(_temporary, _target.ServerPath);
        var after = _channel.LStat(_target.ServerPath);
        _channel.Flush();
        var looking = before.TakeAttributesAsync(CancellationToken.None);
        var renaming = rename.TakeOkAsync(CancellationToken.None);
        var checking = after.TakeAttributesAsync(CancellationToken.None);
        var existing = await looking.SettleAsync();
        var failure = await renaming.SettleAsync();
        var placed = await checking.SettleAsync();
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return new CommitResult(existing.IsMissing, SftpEntries.ToEntry(_path, placed.Value));
    }

    private async ValueTask<CommitResult> MoveIntoPlaceAsync()
    {
        var existing = await LookAsync(_target.ServerPath).SettleAsync();
        if (!existing.IsMissing && !_options.Overwrite)
        {
            throw new BackendException(BackendError.AlreadyExists, "A file has appeared at this path during the upload.") { Path = _path };
        }

        if (_options.MayReplace is { } mayReplace && !mayReplace(existing.IsMissing ? null : SftpEntries.ToEntry(_path, existing.Value)))
        {
            throw new BackendException(BackendError.PreconditionFailed, "The file was changed, or removed, during the upload; the upload was abandoned.") { Path = _path };
        }

        await _connection.MoveAsync(_temporary, _target.ServerPath, _options.Overwrite, !existing.IsMissing, CancellationToken.None);
        return new CommitResult(existing.IsMissing, SftpEntries.ToEntry(_path, await LookAsync(_target.ServerPath)));
    }

    private ValueTask<SftpAttributes> LookAsync(string serverPath)
    {
        var stat = _channel.LStat(serverPath);
        _channel.Flush();
        return stat.TakeAttributesAsync(CancellationToken.None);
    }
}
