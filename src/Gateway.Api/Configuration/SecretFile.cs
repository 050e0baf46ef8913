namespace Gateway.Api.Configuration;

/// <summary>Files that hold one secret.</summary>
internal static class SecretFile
{
    /// <summary>Without the line end that editors and <c>echo</c> leave; blanks may belong to a password.</summary>
    public static string Trim(string text) => text.TrimEnd('\r', '\n');

    /// <summary>Reads the secret in the file at <paramref name="path"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">The secret.</param>
    /// <returns>Null, or why it cannot be read; the path is not told.</returns>
    public static string? TryRead(string path, out string text)
    {
        text = "";
        try
        {
            text = Trim(File.ReadAllText(path));
            return text.Length == 0 ? "The file is empty." : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return "The file does not exist.";
        }
        catch (UnauthorizedAccessException)
        {
            return "The gateway's user may not read the file.";
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or NotSupportedException)
        {
            return "The file cannot be read.";
        }
    }
}
