namespace Gateway.Api.Forms;

/// <summary>What became of a file of a form.</summary>
internal enum FormOutcome
{
    /// <summary>It is new.</summary>
    Created,

    /// <summary>It has taken the place of one of that name.</summary>
    Replaced,
}
