namespace Gateway.Api.Identity.Tokens;

/// <summary>A token, or what an authority publishes, that is not accepted. Its message is for the log: the caller is not told why.</summary>
/// <param name="message">What is wrong, without anything of the token that is not plain.</param>
internal sealed class TokenException(string message) : Exception(message);
