namespace Gateway.Testing.HttpFiles;

/// <summary>One request of an .http file, its variables not yet replaced.</summary>
/// <param name="Title">The text behind <c>###</c>.</param>
/// <param name="Name">Its name (<c># @name</c>), for later requests that refer to its response; null for none.</param>
/// <param name="Expected">The status that it is to end with (<c># expect: 200</c>); null where the file does not say.</param>
/// <param name="Method">The method.</param>
/// <param name="Url">The URL.</param>
/// <param name="Headers">The headers.</param>
/// <param name="Body">The body; empty for none.</param>
public sealed record HttpFileRequest(
    string Title, string? Name, int? Expected, string Method, string Url, IReadOnlyList<(string Name, string Value)> Headers, string Body);
