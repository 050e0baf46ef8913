namespace Gateway.Sftp.Transport;

/// <summary>Logs in to one backend, again and again; remembers which of the server's host keys is the pinned one.</summary>
internal sealed class SshLogin
{
    // A server without a pinned key is not asked for all its keys on every attempt to connect.
    private static readonly TimeSpan s_searchAgain = TimeSpan.FromMinutes(10);

    private readonly TimeProvider _time;
    private volatile IReadOnlyList<string>? _remembered;
    private volatile FailedSearch? _failed;

    /// <param name="time">The clock.</param>
    public SshLogin(TimeProvider time) => _time = time;

    /// <summary>
    /// Starts ssh and waits until the server has accepted the account, at most <see cref="SshCommand.ConnectTimeout"/>. Whether the
    /// server has SFTP shows only when something is received.
    /// </summary>
    /// <param name="command">The login; the same server each time.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="SshException">No login; nothing is left behind.</exception>
    /// <exception cref="OperationCanceledException">The token, never the time limit.</exception>
    public async Task<SshProcess> OpenAsync(SshCommand command, CancellationToken cancellationToken)
    {
        var search = new HostKeySearch(command, _remembered);
        using var deadline = new CancellationTokenSource(command.ConnectTimeout, _time);
        while (true)
        {
            var process = SshProcess.Start(command with { HostKeyAlgorithms = search.Algorithms }, _time);
            var failure = await TryLogInAsync(process, command.ConnectTimeout, deadline.Token, cancellationToken);
            if (failure is null)
            {
                _remembered = search.Exclusions;
                _failed = null;
                return process;
            }

            await process.DisposeAsync();
            if (_failed is { } failed && failure.Kind == SshFailureKind.HostKeyUnknown && failed.Key == failure.OfferedHostKey
                && _time.GetElapsedTime(failed.Timestamp) < s_searchAgain)
            {
                throw new SshException(failed.Failure);
            }

            if (deadline.IsCancellationRequested || !search.Continue(failure))
            {
                var conclusion = search.Conclude(failure);
                _failed = conclusion is { Kind: SshFailureKind.HostKeyUnknown, OfferedHostKey: { } key }
                    ? new FailedSearch(key, conclusion, _time.GetTimestamp())
                    : null;
                throw new SshException(conclusion);
            }
        }
    }

    private static async Task<SshFailure?> TryLogInAsync(
        SshProcess process, TimeSpan limit, CancellationToken deadline, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline, cancellationToken);
        try
        {
            await process.WaitForLoginAsync(either.Token);
            return null;
        }
        catch (SshException failed)
        {
            return failed.Failure;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return process.DescribeTimeout(limit);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    private sealed record FailedSearch(OfferedHostKey Key, SshFailure Failure, long Timestamp);
}
