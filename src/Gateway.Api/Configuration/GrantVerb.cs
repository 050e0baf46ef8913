namespace Gateway.Api.Configuration;

/// <summary>What a grant can allow.</summary>
internal enum GrantVerb
{
    List,
    Read,
    Write,
    Delete,
    Admin,
}
