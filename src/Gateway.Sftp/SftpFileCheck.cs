namespace Gateway.Sftp;

/// <summary>Whether a configured file is there for the gateway, and can be named to ssh.</summary>
internal static class SftpFileCheck
{
    /// <summary>Why not, as a sentence without the path; null if it is fine.</summary>
    public static string? WhyNotReadable(string path)
    {
        if (path.Any(char.IsControl) || path.Contains("${", StringComparison.Ordinal))
        {
            return "A path with a control character or with '${' cannot be passed to ssh. Rename the file.";
        }

        if (path.StartsWith('~'))
        {
            return "Write the whole path: '~' is not expanded.";
        }

        if (Directory.Exists(path))
        {
            return "This is a folder. Write the path of a file.";
        }

        try
        {
            using var file = File.OpenRead(path);
            return file.ReadByte() < 0 ? "The file is empty." : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return "The file does not exist. Write the path of one that does; a relative path starts at the gateway's working folder.";
        }
        catch (UnauthorizedAccessException)
        {
            return "The gateway may not read the file. Give its user, or a group of its user, the right to (fsGroup in Kubernetes).";
        }
        catch (IOException)
        {
            return "The file cannot be read.";
        }
    }
}
