namespace Gateway.Api.Links;

/// <summary>The section <c>Links</c> in the form that is used. Immutable.</summary>
/// <param name="Key">Signs new links.</param>
/// <param name="Previous">The key before, whose links are still good; null for none.</param>
/// <param name="MaxLifetime">Longest life of a link.</param>
internal sealed record LinkSettings(LinkKey Key, LinkKey? Previous, TimeSpan MaxLifetime)
{
    /// <summary>The key that a link names; null where it is gone, and all its links with it.</summary>
    public LinkKey? Find(string id) => id == Key.Id ? Key : id == Previous?.Id ? Previous : null;
}
