namespace Gateway.Benchmarks.Scenarios;

/// <summary>The contenders, as the table names them.</summary>
internal static class Names
{
    public const string Gateway = "gateway";
    public const string GatewayCached = "gateway, default cache";
    public const string Rclone = "rclone serve http";
    public const string RcloneCached = "rclone serve http, default caches";
    public const string RcloneDav = "rclone serve webdav";
    public const string Sftp = "sftp direct";
    public const string Lftp = "lftp direct";
    public const string Curl = "curl direct";
}
