namespace Gateway.Api.Limits;

/// <summary>Among the metadata of an endpoint: its requests move files, and count against the limits for transfers.</summary>
/// <param name="Does">Which of them; null for all but <c>HEAD</c>.</param>
internal sealed record CountsAsTransfer(Func<HttpRequest, bool>? Does = null)
{
    /// <summary>Whether a request counts.</summary>
    public bool Covers(HttpRequest request) => !HttpMethods.IsHead(request.Method) && Does?.Invoke(request) != false;
}
