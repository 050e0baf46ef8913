namespace Gateway.Sftp.Transport;

/// <summary>What to do about a question: wait for the rest of it, type an answer, or give the login up.</summary>
internal readonly struct SshPromptDecision
{
    private SshPromptDecision(string? answer, SshFailureKind? refusal)
    {
        Answer = answer;
        Refusal = refusal;
    }

    /// <summary>The question is not complete yet.</summary>
    public static SshPromptDecision Wait => default;

    /// <summary>What to type, if anything. A secret: this type prints nothing of it.</summary>
    public string? Answer { get; }

    /// <summary>Why the login is given up, if it is.</summary>
    public SshFailureKind? Refusal { get; }

    public static SshPromptDecision Type(string answer) => new(answer, null);

    public static SshPromptDecision Refuse(SshFailureKind reason) => new(null, reason);
}
