using System.Text;

namespace Gateway.Testing.Servers;

/// <summary>The scripts beside this class, carried in the assembly.</summary>
internal static class EmbeddedText
{
    public static string Read(string name)
    {
        using var resource = typeof(EmbeddedText).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"No embedded {name}.");
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
