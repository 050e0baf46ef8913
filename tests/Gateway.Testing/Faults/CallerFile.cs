namespace Gateway.Testing.Faults;

/// <summary>What one caller knows of one file's name. Nobody else writes there.</summary>
internal sealed class CallerFile
{
    private readonly HashSet<FileVersion> _perhaps = [];
    private bool _perhapsAbsent;

    /// <param name="name">Its name in the caller's folder.</param>
    public CallerFile(string name) => Name = name;

    /// <summary>Its name in the caller's folder.</summary>
    public string Name { get; }

    /// <summary>What was acknowledged last; null: there is no file.</summary>
    public FileVersion? Content { get; private set; }

    /// <summary>Whether a change failed in a way that leaves open whether it happened. Nothing is done there any more.</summary>
    public bool IsUncertain { get; private set; }

    /// <summary>The content, or its absence, was acknowledged.</summary>
    public void Confirm(FileVersion? content) => Content = content;

    /// <summary>The change to this content, or absence, may have happened, or may still.</summary>
    public void Doubt(FileVersion? content)
    {
        IsUncertain = true;
        foreach (var possible in new[] { Content, content })
        {
            if (possible is { } version)
            {
                _perhaps.Add(version);
            }
            else
            {
                _perhapsAbsent = true;
            }
        }
    }

    /// <summary>Compares with the server's disk.</summary>
    /// <returns>Null where it is as it must be.</returns>
    public (Loss Loss, string Detail)? FindLoss(string path)
    {
        if (!File.Exists(path))
        {
            return IsUncertain ? _perhapsAbsent ? null : (Loss.Vanished, $"{path} is gone.")
                : Content is null ? null : (Loss.Vanished, $"{path} is gone, {Content} was acknowledged.");
        }

        if (!IsUncertain && Content is null)
        {
            return (Loss.Vanished, $"{path} exists, and was acknowledged to be gone.");
        }

        var possible = IsUncertain ? _perhaps.ToArray() : [Content!.Value];
        if (possible.Any(version => version.IsWhole(path)))
        {
            return null;
        }

        var length = new FileInfo(path).Length;
        return possible.Any(version => version.Length == length)
            ? (Loss.Corrupt, $"{path} has other bytes than {string.Join(" or ", possible)}.")
            : (Loss.Partial, $"{path} has {length} bytes instead of {string.Join(" or ", possible)}.");
    }
}
