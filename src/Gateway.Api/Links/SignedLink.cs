using System.Security.Cryptography;

namespace Gateway.Api.Links;

/// <summary>A link as it came with a request.</summary>
/// <param name="Terms">What it says that it allows.</param>
/// <param name="KeyId">The key that it says it is signed with.</param>
/// <param name="Signature">Its signature.</param>
internal sealed record SignedLink(LinkTerms Terms, string KeyId, byte[] Signature)
{
    /// <summary>
    /// The key that signed the terms; null where none of the gateway's did. It takes the same time whatever is wrong: a key that is not known
    /// signs all the same, and the comparison never ends early.
    /// </summary>
    public LinkKey? Verify(LinkSettings settings)
    {
        var key = settings.Find(KeyId);
        var isGood = CryptographicOperations.FixedTimeEquals((key ?? LinkKey.Nobody).Sign(Terms.Encode()), Signature);
        return isGood ? key : null;
    }
}
