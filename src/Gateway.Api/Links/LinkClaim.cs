namespace Gateway.Api.Links;

/// <summary>What became of the wish to use a link for one use.</summary>
internal enum LinkClaim
{
    /// <summary>The use is the caller's.</summary>
    Granted,

    /// <summary>It was used, or is being used.</summary>
    Used,

    /// <summary>Too many are remembered to remember another.</summary>
    Full,
}
