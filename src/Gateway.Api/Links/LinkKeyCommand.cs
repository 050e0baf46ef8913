namespace Gateway.Api.Links;

/// <summary><c>links key</c>: prints what goes into <c>Links:KeyFile</c>.</summary>
internal static class LinkKeyCommand
{
    /// <summary>The word on the command line.</summary>
    public const string Word = "links";

    /// <summary>Exit code for a command line that is not understood (EX_USAGE of sysexits.h).</summary>
    private const int WrongUsage = 64;

    /// <summary>Carries out the command.</summary>
    /// <param name="args">The command line, with <see cref="Word"/>.</param>
    /// <param name="output">For the key, and nothing else: it is written to a file.</param>
    /// <param name="errors">For what is wrong.</param>
    /// <returns>The exit code.</returns>
    public static int Run(ReadOnlySpan<string> args, TextWriter output, TextWriter errors)
    {
        if (args is not [Word, "key"])
        {
            errors.WriteLine("Usage: dotnet Gateway.Api.dll links key > FILE   (a new key for Gateway:Links:KeyFile; keep the file from others)");
            return WrongUsage;
        }

        output.WriteLine(LinkKey.Create());
        return 0;
    }
}
