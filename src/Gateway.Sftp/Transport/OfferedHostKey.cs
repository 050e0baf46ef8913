namespace Gateway.Sftp.Transport;

/// <summary>A host key as ssh reports it.</summary>
/// <param name="Type">Its type: <c>ssh-ed25519</c>.</param>
/// <param name="Fingerprint"><c>SHA256:</c> and base64 without padding.</param>
/// <param name="Hop">Which server of the chain showed it: 0 for the first jump host, the number of jump hosts for the target.</param>
internal sealed record OfferedHostKey(string Type, string Fingerprint, int Hop);
