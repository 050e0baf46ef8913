namespace Gateway.Api.Identity.Tokens;

/// <summary>
/// The keys of one authority, as they change: fetched when the first token comes, again every hour, and at once when a token names a key that
/// is not known, but no more often than every half minute: anybody can send such tokens. While the authority cannot be asked the keys stay, for a
/// day at most.
/// </summary>
internal sealed partial class AuthorityKeys(string authority, AuthorityClient client, TimeProvider time, ILogger logger)
{
    /// <summary>How often keys are fetched where no token asks for others.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromHours(1);

    /// <summary>How old keys may get while the authority cannot be asked.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(1);

    /// <summary>The shortest time between two fetches that unknown keys ask for.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(30);

    /// <summary>The same while there are no keys at all.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private KeySet? _keys;
    private long _fetched;
    private long? _tried;
    private Task _fetching = Task.CompletedTask;

    /// <summary>The authority.</summary>
    public string Authority { get; } = authority;

    /// <summary>The keys, where they need not be fetched again yet; else null.</summary>
    public KeySet? Fresh
    {
        get
        {
            lock (_lock)
            {
                return _keys is not null && time.GetElapsedTime(_fetched) < Freshness ? _keys : null;
            }
        }
    }

    /// <summary>The keys, with the one of this id among them if the authority has it.</summary>
    /// <param name="keyId">The key that a token names.</param>
    /// <param name="cancellationToken">The caller's; a fetch goes on for others.</param>
    /// <returns>Null where the authority could not be asked.</returns>
    public async ValueTask<KeySet?> GetAsync(string keyId, CancellationToken cancellationToken)
    {
        Task fetching;
        lock (_lock)
        {
            var age = _keys is null ? MaxAge : time.GetElapsedTime(_fetched);
            if (age >= MaxAge)
            {
                _keys = null;
            }

            var isKnown = _keys?.Has(keyId) == true;
            if (isKnown && age < Freshness)
            {
                return _keys;
            }

            EnsureFetched(_keys is null ? RetryInterval : MinInterval);
            if (isKnown)
            {
                // Good for now; whoever comes next finds what is being fetched.
                return _keys;
            }

            fetching = _fetching;
        }

        await fetching.WaitAsync(cancellationToken);
        lock (_lock)
        {
            return _keys;
        }
    }

    /// <summary>Begins a fetch, unless one is under way or was not long ago. Under the lock.</summary>
    private void EnsureFetched(TimeSpan interval)
    {
        if (_fetching.IsCompleted && (_tried is not { } tried || time.GetElapsedTime(tried) >= interval))
        {
            _tried = time.GetTimestamp();
            _fetching = Task.Run(FetchAsync);
        }
    }

    private async Task FetchAsync()
    {
        try
        {
            var keys = await client.FetchAsync(Authority, CancellationToken.None);
            lock (_lock)
            {
                (_keys, _fetched) = (keys, time.GetTimestamp());
            }

            LogFetched(Authority, keys.Count);
        }
        catch (TokenException exception)
        {
            LogFailed(Authority, Hosting.LoggedText.Of(exception.Message));
        }
        catch (Exception exception)
        {
            LogBroken(exception, Authority);
        }
    }

    [LoggerMessage(1510, LogLevel.Information, "The authority {Authority} has {Count} keys.")]
    private partial void LogFetched(string authority, int count);

    [LoggerMessage(1511, LogLevel.Warning, "The keys of the authority {Authority} cannot be had; those known stay for now: {Reason}.")]
    private partial void LogFailed(string authority, string reason);

    [LoggerMessage(1512, LogLevel.Error, "The keys of the authority {Authority} cannot be had.")]
    private partial void LogBroken(Exception exception, string authority);
}
