namespace Gateway.Sftp.Transport;

/// <summary>
/// Finds the pinned key of a server that has several. ssh settles on one type of host key before it sees any key, and a fingerprint
/// does not tell its type: where only the RSA key of a server is pinned, ssh asks for the ed25519 one and fails.
/// </summary>
/// <remarks>
/// After such a failure the type that was shown is excluded and the login tried again: at most once per type, one after the other. What
/// led to the pinned key is remembered by <see cref="SshLogin"/>, so that this happens once in a gateway's life, not per connection.
/// A key that has changed or is revoked ends the search: that is an alarm, not a riddle.
/// </remarks>
internal sealed class HostKeySearch
{
    private const int MostAttempts = 5;
    private const string Certificates = "*-cert-v01@openssh.com";

    private readonly SshCommand _command;
    private readonly List<OfferedHostKey> _offered = [];
    private bool _isRemembered;
    private int _attempts = 1;

    /// <param name="command">What to log in to.</param>
    /// <param name="remembered">The exclusions that led to a login before; null: none did.</param>
    public HostKeySearch(SshCommand command, IReadOnlyList<string>? remembered)
    {
        _command = command;
        _isRemembered = remembered is not null;
        Exclusions = remembered ?? Start();
    }

    /// <summary>Per server of the chain the patterns of algorithms not to be used, separated by commas; empty for none.</summary>
    public IReadOnlyList<string> Exclusions { get; private set; }

    /// <summary>The same as values of the option <c>HostKeyAlgorithms</c>.</summary>
    public IReadOnlyList<string?> Algorithms => [.. Exclusions.Select(patterns => patterns.Length == 0 ? null : "-" + patterns)];

    /// <summary>Whether another attempt makes sense after this failure; then <see cref="Exclusions"/> are those to try.</summary>
    public bool Continue(SshFailure failure)
    {
        if (_command.HostKeyFingerprints.Count == 0 || _attempts >= MostAttempts)
        {
            return false;
        }

        if (_isRemembered && failure.Kind is SshFailureKind.HostKeyUnknown or SshFailureKind.NoCommonAlgorithm)
        {
            // The server's keys are others than they were: begin anew.
            _isRemembered = false;
            Exclusions = Start();
            _attempts++;
            return true;
        }

        if (failure is not { Kind: SshFailureKind.HostKeyUnknown, OfferedHostKey: { } offered } || _offered.Contains(offered))
        {
            return false;
        }

        _offered.Add(offered);
        var exclusions = Exclusions.ToArray();
        exclusions[offered.Hop] = string.Join(',', [.. exclusions[offered.Hop].Split(',', StringSplitOptions.RemoveEmptyEntries), PatternsOf(offered.Type)]);
        Exclusions = exclusions;
        _attempts++;
        return true;
    }

    /// <summary>What to report at the end: with every key the server showed, where it showed several.</summary>
    public SshFailure Conclude(SshFailure last)
    {
        if (_offered.Count == 0 || last.Kind is not (SshFailureKind.HostKeyUnknown or SshFailureKind.NoCommonAlgorithm))
        {
            return last;
        }

        var hop = _offered[^1].Hop;
        return SshDiagnosis.OfUnknownHostKeys([.. _offered.Where(key => key.Hop == hop)], _command, last.Diagnostic);
    }

    /// <summary>A pin names a plain key. Certificates are of use only to a known hosts file with a <c>@cert-authority</c> line.</summary>
    private string[] Start()
    {
        var exclusions = new string[_command.Jumps.Count + 1];
        Array.Fill(exclusions, _command.KnownHostsFile is null ? Certificates : "");
        return exclusions;
    }

    /// <summary>The algorithms that use a type of key. An RSA key serves three.</summary>
    private static string PatternsOf(string type) => type switch
    {
        _ when type.EndsWith("-cert-v01@openssh.com", StringComparison.Ordinal) => Certificates,
        "ssh-rsa" => "ssh-rsa,rsa-sha2-*",
        _ => type,
    };
}
