namespace Gateway.Api.Streaming;

/// <summary>What a <c>Range</c> header asks for.</summary>
internal enum RangeKind
{
    /// <summary>The whole file: no header, one that is not understood, or one that may be ignored.</summary>
    Whole,

    /// <summary>One range, or several.</summary>
    Partial,

    /// <summary>Nothing but ranges that start behind the end.</summary>
    Unsatisfiable,
}
