namespace Gateway.Api.Links;

/// <summary>Among the metadata of the endpoints that links are for; on any other a link is not valid.</summary>
internal sealed record TakesLinks
{
    public static readonly TakesLinks Instance = new();
}
