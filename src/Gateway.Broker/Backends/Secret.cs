using System.Diagnostics;

namespace Gateway.Broker.Backends;

/// <summary>A password or passphrase. Nothing prints it by accident: only <see cref="Reveal"/> gives the text.</summary>
[DebuggerDisplay("***")]
public sealed class Secret : IEquatable<Secret>
{
    private readonly string _text;

    /// <param name="text">The secret itself.</param>
    public Secret(string text) => _text = text;

    /// <summary>The secret itself: for the wire, never for a log, a message or a process argument.</summary>
    public string Reveal() => _text;

    /// <inheritdoc/>
    public bool Equals(Secret? other) => other is not null && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_text);

    /// <inheritdoc/>
    public override string ToString() => "***";
}
