namespace Gateway.Api.Streaming;

/// <summary>What a request's conditions come to.</summary>
internal enum PreconditionOutcome
{
    /// <summary>Go on.</summary>
    Proceed,

    /// <summary>The caller has what there is: 304.</summary>
    NotModified,

    /// <summary>The caller knows something else than what there is: 412.</summary>
    Failed,
}
