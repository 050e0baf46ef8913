using System.Text;
using Gateway.Testing.Fakes;

namespace Gateway.FunctionalTests.Hostile;

/// <summary>What a hostile FTP server does: a change of a <see cref="ScriptedFtpServer"/>.</summary>
internal static class HostileFtpScript
{
    private static readonly TimeSpan Drip = TimeSpan.FromMilliseconds(250);
    private static readonly byte[] Line = Encoding.ASCII.GetBytes(new string('x', 8 * 1024) + "\r\n");

    /// <summary>By name; while a session is open already.</summary>
    public static readonly IReadOnlyDictionary<string, Action<ScriptedFtpServer>> Sessions = new Dictionary<string, Action<ScriptedFtpServer>>(StringComparer.Ordinal)
    {
        ["a line without end"] = server => OnEach(server, (stream, token) => RepeatAsync(stream, "200 "u8.ToArray(), new byte[4096].Select(_ => (byte)'x').ToArray(), token)),
        ["a reply of lines without end"] = server => OnEach(server, (stream, token) => RepeatAsync(stream, "200-first\r\n"u8.ToArray(), Line, token)),
        ["preliminary replies without end"] = server => OnEach(server, (stream, token) => RepeatAsync(stream, [], "150 soon\r\n"u8.ToArray(), token)),
        ["replies without end"] = server => OnEach(server, (stream, token) => RepeatAsync(stream, [], "200 ok\r\n"u8.ToArray(), token)),
        ["replies that drip"] = server => OnEach(server, DripAsync),
        ["no reply that is one"] = server => server.Instead = (verb, _) => verb is "QUIT" or "NOOP" ? null : "hello\r\n",
        ["codes that do not exist"] = server => server.Instead = (verb, _) => verb is "QUIT" or "NOOP" ? null : "999 never\r\n",
        ["a reply of zero bytes"] = server => server.Instead = (verb, _) => verb is "QUIT" or "NOOP" ? null : "\0\0\0\r\n",
        ["a passive port of zero"] = server => server.Instead = (verb, _) => verb is "EPSV" ? "229 ok (|||0|)\r\n" : null,
        ["a passive port too large"] = server => server.Instead = (verb, _) => verb is "EPSV" ? "229 ok (|||99999|)\r\n" : null,
        ["a passive port of another service"] = server => server.Instead = (verb, _) => verb is "EPSV" ? "229 ok (|||22|)\r\n" : null,
        ["another passive port of another service"] = server => server.Instead = (verb, _) => verb switch
        {
            "EPSV" => "500 no\r\n",
            "PASV" => "227 ok (127,0,0,1,0,25)\r\n",
            _ => null,
        },
        ["a passive port where nobody is"] = server => server.Instead = (verb, _) => verb is "EPSV" ? "229 ok (|||1024|)\r\n" : null,
        ["a passive address that is none"] = server => server.Instead = (verb, _) => verb switch
        {
            "EPSV" => "500 no\r\n",
            "PASV" => "227 ok (999,999,999,999,999,999)\r\n",
            _ => null,
        },
        ["data that is no TLS"] = server => server.OnData = (_, stream, token) => RepeatAsync(stream, [], Line, token),
        ["data without a handshake"] = server => server.OnData = async (_, _, token) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(5), token);
            return true;
        },
        ["data with another certificate"] = server => server.ChangesCertificate = true,
        ["a listing without end"] = server => OnContent(server, "MLSD", i => $"type=dir;modify=20260101000000; {i}\r\n"),
        ["a listing of a line without end"] = server => OnContent(server, "MLSD", _ => new string('x', 4096)),
        ["a listing of facts without end"] = server => OnContent(server, "MLSD", i => $"fact{i}=value;"),
        ["a listing of nothing but itself, without end"] = server => OnContent(server, "MLSD", _ => "type=cdir;modify=20260101000000; .\r\n"),
        ["a listing of empty lines without end"] = server => OnContent(server, "MLSD", _ => "\r\n"),
        ["a listing that drips"] = server => server.OnProtectedData = (verb, stream, token) => verb is "MLSD" ? DripAsync(stream, token) : Task.FromResult(false),
        ["a file that drips"] = server => server.OnProtectedData = (verb, stream, token) => verb is "RETR" ? DripAsync(stream, token) : Task.FromResult(false),
        ["a file without end"] = server => OnContent(server, "RETR", _ => new string('x', 16 * 1024)),
        ["an upload that is answered with data without end"] = server => OnContent(server, "STOR", _ => new string('x', 16 * 1024)),
        ["a file of 8 EiB"] = server => server.Instead = (verb, _) => verb switch
        {
            "SIZE" => "213 9223372036854775807\r\n",
            "MLST" => "250-x\r\n type=file;size=9223372036854775807;modify=99991231235959; /file\r\n250 End\r\n",
            _ => null,
        },
        ["a file of less than nothing"] = server => server.Instead = (verb, _) => verb switch
        {
            "SIZE" => "213 -1\r\n",
            "MLST" => "250-x\r\n type=file;size=-1;modify=00000000000000; /file\r\n250 End\r\n",
            _ => null,
        },
        ["no word at the end of transfers"] = server => server.TransferEnd = "",
        ["two words at the end of transfers"] = server => server.TransferEnd = "226 done\r\n226 done again\r\n",
        ["a cut at the end of transfers"] = server => server.SendsCloseNotify = false,
        ["a file that ends early"] = server => server.LeftOut = 10,
    };

    /// <summary>By name; from the first word on.</summary>
    public static readonly IReadOnlyDictionary<string, Action<ScriptedFtpServer>> Greetings = new Dictionary<string, Action<ScriptedFtpServer>>(StringComparer.Ordinal)
    {
        ["a banner without end"] = server => On(server, "", (stream, token) => RepeatAsync(stream, "220-"u8.ToArray(), Line, token)),
        ["a banner of one line without end"] = server => On(server, "", (stream, token) => RepeatAsync(stream, "220 "u8.ToArray(), new byte[4096].Select(_ => (byte)'x').ToArray(), token)),
        ["a banner that drips"] = server => On(server, "", DripAsync),
        ["soon, for ever"] = server => On(server, "", (stream, token) => RepeatAsync(stream, [], "120 soon\r\n"u8.ToArray(), token)),
        ["words in clear text behind the consent to TLS"] = server => server.Instead = (verb, _) => verb is "AUTH" ? "234 go\r\n331 more\r\n" : null,
        ["consent to TLS, and none"] = server => On(server, "AUTH", (stream, token) => RepeatAsync(stream, "234 go\r\n"u8.ToArray(), Line, token)),
        ["features without end"] = server => On(server, "FEAT", (stream, token) => RepeatAsync(stream, "211-Features\r\n"u8.ToArray(), " MLST type*;\r\n"u8.ToArray(), token)),
        ["a login folder of 15 KB"] = server => server.Instead = (verb, _) => verb is "PWD" ? $"257 \"/{new string('x', 15_000)}\"\r\n" : null,
        ["a login folder with a command in it"] = server => server.Instead = (verb, _) => verb is "PWD" ? "257 \"/a\rDELE b\"\r\n" : null,
        ["success, whatever is asked"] = server => server.Instead = (_, _) => "200 ok\r\n",
        ["questions, whatever is asked"] = server => server.Instead = (verb, _) => verb is "" or "AUTH" ? null : "331 more\r\n",
    };

    private static void OnEach(ScriptedFtpServer server, Func<Stream, CancellationToken, Task<bool>> act) =>
        server.OnCommand = (verb, _, stream, token) => verb is "QUIT" ? Task.FromResult(false) : act(stream, token);

    private static void On(ScriptedFtpServer server, string verb, Func<Stream, CancellationToken, Task<bool>> act) =>
        server.OnCommand = (heard, _, stream, token) => heard == verb ? act(stream, token) : Task.FromResult(false);

    private static void OnContent(ScriptedFtpServer server, string verb, Func<int, string> piece) => server.OnProtectedData = async (heard, stream, token) =>
    {
        if (heard != verb)
        {
            return false;
        }

        for (var i = 0; i < 20_000; i++)
        {
            var pieces = string.Concat(Enumerable.Range(i * 100, 100).Select(piece));
            await stream.WriteAsync(Encoding.UTF8.GetBytes(pieces), token);
        }

        return true;
    };

    private static async Task<bool> RepeatAsync(Stream stream, byte[] first, byte[] again, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(first, cancellationToken);
        while (true)
        {
            await stream.WriteAsync(again, cancellationToken);
        }
    }

    private static async Task<bool> DripAsync(Stream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            await stream.WriteAsync("2"u8.ToArray(), cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await Task.Delay(Drip, cancellationToken);
        }
    }
}
