namespace Gateway.Api.Configuration;

/// <summary>The section <c>Identity:Jwt</c> in the form that is used.</summary>
/// <param name="Authority">The issuer of tokens, exactly as they name it.</param>
/// <param name="Audience">What a token must be meant for.</param>
/// <param name="GrantsClaim">The claim with names of grants.</param>
/// <param name="Algorithms">Signature algorithms that are accepted.</param>
internal sealed record JwtSettings(string Authority, string Audience, string GrantsClaim, IReadOnlySet<string> Algorithms);
