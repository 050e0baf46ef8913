namespace Gateway.Api.Health;

/// <summary>One backend.</summary>
/// <param name="Status"><c>pass</c>; <c>warn</c> where connections are open and new ones fail, or none was tried yet; <c>fail</c> where there is none.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="Pool">Its connections.</param>
/// <param name="Circuit"><c>closed</c>, <c>open</c> or <c>half-open</c>.</param>
/// <param name="LastError">What went wrong last; null once a connection was opened after it.</param>
internal sealed record BackendHealthDocument(
    string Status, string Protocol, PoolDocument Pool, string Circuit, LastErrorDocument? LastError);
