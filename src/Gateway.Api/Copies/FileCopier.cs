using System.Buffers;
using Gateway.Api.Configuration;
using Gateway.Api.Directories;
using Gateway.Api.Errors;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;

namespace Gateway.Api.Copies;

/// <summary>
/// Copies one file: by the server itself where it can, else through the gateway in two buffers; in any case into a temporary file that
/// gets the name when it is whole.
/// </summary>
internal sealed class FileCopier(CopyOpener opener, TransferMetrics metrics, ListingCache listings)
{
    private const int MaxBuffer = 256 * 1024;

    /// <summary>Copies.</summary>
    /// <exception cref="ProblemException">The file is too large, or not the one that is meant.</exception>
    /// <exception cref="BackendException">A backend failed; nothing was changed.</exception>
    /// <exception cref="OperationCanceledException">The caller left before the copy was whole; nothing was changed.</exception>
    public async Task<CommitResult> CopyAsync(FileCopy copy, CancellationToken cancellationToken)
    {
        await using var streams = await opener.OpenAsync(copy, cancellationToken);
        var progress = metrics.Begin(copy.Target.Name, TransferMetrics.Copy);
        CopyResult? result = null;
        try
        {
            if (!await TryCopyOnServerAsync(copy, streams, progress, cancellationToken))
            {
                await StreamAsync(copy, streams, progress, cancellationToken);
            }

            result = new CopyResult(CopyOutcome.Completed, streams.Target.Length);
        }
        catch (OperationCanceledException exception)
        {
            result = new CopyResult(CopyOutcome.CallerLeft, streams.Target.Length, exception);
            throw;
        }
        finally
        {
            metrics.End(progress, result);
        }

        // The right to it may have been taken away meanwhile.
        copy.Writing.Require(copy.To, GrantVerb.Write);
        try
        {
            // Not cancelled any more: a commit cut off half-way would leave nobody knowing whether it happened.
            return await streams.Target.CommitAsync(CancellationToken.None);
        }
        catch (BackendException exception)
        {
            throw CopyFailure.OfTarget(copy, exception);
        }
        finally
        {
            listings.Invalidate(copy.Target, copy.To.Parent);
        }
    }

    private static async ValueTask<bool> TryCopyOnServerAsync(FileCopy copy, CopyStreams streams, TransferProgress progress, CancellationToken cancellationToken)
    {
        if (!copy.IsWithinBackend || !await streams.Target.TryCopyFromAsync(streams.Source, cancellationToken))
        {
            return false;
        }

        progress.Add(streams.Target.Length);
        return true;
    }

    /// <summary>The next bytes are read while those before are being written.</summary>
    private static async ValueTask StreamAsync(FileCopy copy, CopyStreams streams, TransferProgress progress, CancellationToken cancellationToken)
    {
        var (source, target) = (streams.Source, streams.Target);
        var packet = Math.Clamp(Math.Max(source.PreferredReadSize, target.PreferredWriteSize), 1, MaxBuffer);
        var (filling, emptying) = (ArrayPool<byte>.Shared.Rent(packet), ArrayPool<byte>.Shared.Rent(packet));
        var writing = Task.CompletedTask;
        try
        {
            while (true)
            {
                var count = await FillAsync(source, filling.AsMemory(0, packet), cancellationToken);
                await writing;
                if (count == 0)
                {
                    return;
                }

                progress.Add(count);
                (filling, emptying) = (emptying, filling);
                writing = WriteAsync(copy, target, new ReadOnlySequence<byte>(emptying, 0, count), cancellationToken);
            }
        }
        finally
        {
            // The memory is the stream's until the write has ended, however it ends.
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(filling);
            ArrayPool<byte>.Shared.Return(emptying);
        }
    }

    private static async ValueTask<int> FillAsync(RemoteReadStream source, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var filled = 0;
        while (filled < buffer.Length && await source.ReadAsync(buffer[filled..], cancellationToken) is > 0 and var count)
        {
            filled += count;
        }

        return filled;
    }

    private static async Task WriteAsync(FileCopy copy, RemoteWriteStream target, ReadOnlySequence<byte> data, CancellationToken cancellationToken)
    {
        if (target.Length + data.Length > copy.Target.MaxUploadBytes)
        {
            throw new ProblemException(
                ProblemTypes.ContentTooLarge, $"The backend '{copy.Target.Name}' takes files of at most {copy.Target.MaxUploadBytes} bytes (Transfers:MaxUploadBytes).");
        }

        try
        {
            await target.WriteAsync(data, cancellationToken);
        }
        catch (BackendException exception)
        {
            throw CopyFailure.OfTarget(copy, exception);
        }
    }
}
