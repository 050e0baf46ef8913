using Gateway.Broker.Backends;
using Gateway.Sftp.Protocol;

namespace Gateway.Sftp;

/// <summary>Where paths lead: for rights, which hold for what a link leads to and not for its name.</summary>
internal sealed partial class SftpConnection
{
    public override async ValueTask<RemotePath?> ResolveAsync(RemotePath path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var missing = new Stack<string>();
        for (var asked = path; ; asked = asked.Parent)
        {
            try
            {
                var request = _root.Ask(asked);
                _channel.Flush();
                return missing.Aggregate(_root.Relate(await request.TakeNameAsync(cancellationToken)), static (folder, name) => folder?.Append(name));
            }
            catch (SftpStatusException status) when (status.Code is SftpStatusCode.NoSuchFile or SftpStatusCode.NoSuchPath && !asked.IsRoot)
            {
                // OpenSSH resolves a last segment that does not exist; others ask for what is there.
                missing.Push(asked.Name);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw Explain(e, path);
            }
        }
    }
}
