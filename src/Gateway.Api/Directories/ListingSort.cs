namespace Gateway.Api.Directories;

/// <summary>What a listing is ordered by.</summary>
internal enum ListingSort
{
    Name,
    Size,
    Modified,
}
