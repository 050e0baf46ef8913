using System.Text;
using Gateway.Testing.Fakes;
using Gateway.Testing.Hostile;
using static Gateway.Testing.Fakes.ScriptedSftpServer;

namespace Gateway.FunctionalTests.Hostile;

/// <summary>What a hostile SFTP server does, by name. True: it has answered; false: it answers honestly.</summary>
internal static class HostileSftpScripts
{
    private const byte OpenDirectory = 11;
    private const byte ReadDirectory = 12;
    private const byte RealPath = 16;
    private const byte Read = 5;
    private const byte Open = 3;
    private const byte Init = 1;
    private const byte Status = 101;
    private const byte Handle = 102;
    private const byte Data = 103;
    private const byte Name = 104;
    private const byte AttributesReply = 105;

    private static readonly TimeSpan Drip = TimeSpan.FromMilliseconds(250);

    public static readonly IReadOnlyDictionary<string, Func<HostileSftpSession, SftpPacket, CancellationToken, Task<bool>>> All =
        new Dictionary<string, Func<HostileSftpSession, SftpPacket, CancellationToken, Task<bool>>>(StringComparer.Ordinal)
        {
            ["a list that claims four billion names"] = To(ReadDirectory, (session, packet, token) =>
                session.SendAsync(Name, packet.Id, [.. Number(uint.MaxValue), .. Text("a"), .. Text(""), .. HostileSftpSession.Folder], token)),
            ["a name longer than its packet"] = To(ReadDirectory, (session, packet, token) =>
                session.SendAsync(Name, packet.Id, [.. Number(1), .. Number(0x7FFFFFFF), 1, 2, 3], token)),
            ["four billion extended attributes"] = To([7, 8, 17], (session, packet, token) =>
                session.SendAsync(AttributesReply, packet.Id, [.. Number(0x80000000), .. Number(uint.MaxValue)], token)),
            ["a packet of two gigabytes"] = Always((session, packet, token) => session.SendRawAsync([0x7F, 0xFF, 0xFF, 0xFF, Status, .. Number(packet.Id)], token)),
            ["a packet of minus one byte"] = Always((session, packet, token) => session.SendRawAsync([0xFF, 0xFF, 0xFF, 0xFF, Status, .. Number(packet.Id)], token)),
            ["a packet of one byte"] = Always((session, packet, token) => session.SendRawAsync([0, 0, 0, 1, Status, .. Number(packet.Id)], token)),
            ["answers to nobody's question"] = Always((session, packet, token) => session.SendStatusAsync(packet.Id ^ 0x5555, 0, token)),
            ["every answer twice"] = Always(async (session, packet, token) =>
            {
                await session.SendStatusAsync(packet.Id, 2, token);
                await session.SendStatusAsync(packet.Id, 2, token);
            }),
            ["a listing without end"] = To(ReadDirectory, (session, packet, token) =>
                session.SendNamesAsync(packet.Id, Enumerable.Range(0, 2000).Select(i => Encoding.UTF8.GetBytes($"{packet.Id}-{i}")), HostileSftpSession.Folder, token)),
            ["a listing without names, without end"] = To(ReadDirectory, (session, packet, token) => session.SendNamesAsync(packet.Id, [], HostileSftpSession.Folder, token)),
            ["a listing of nothing but itself, without end"] = To(ReadDirectory, (session, packet, token) =>
                session.SendNamesAsync(packet.Id, ["."u8.ToArray(), ".."u8.ToArray()], HostileSftpSession.Folder, token)),
            ["names of a hundred thousand bytes"] = To(ReadDirectory, (session, packet, token) => (packet.Id / 4096 % 8) == 0
                ? session.SendStatusAsync(packet.Id, 1, token)
                : session.SendNamesAsync(packet.Id, [[.. Enumerable.Repeat((byte)'x', 100_000)], Number(packet.Id)], HostileSftpSession.Folder, token)),
            ["more data than was asked for"] = To(Read, (session, packet, token) => session.SendAsync(Data, packet.Id, Bytes(new byte[packet.Count + 1]), token)),
            ["data without data"] = To(Read, (session, packet, token) => session.SendAsync(Data, packet.Id, Bytes([]), token)),
            ["data that is longer than its packet"] = To(Read, (session, packet, token) => session.SendAsync(Data, packet.Id, [.. Number(1000), 1], token)),
            ["data that drips"] = To(Read, async (session, packet, token) =>
            {
                await session.SendRawAsync([.. Number(1009), Data, .. Number(packet.Id), .. Number(1000)], token);
                await DripAsync(session, token);
            }),
            ["a byte for every READ, now and then"] = To(Read, async (session, packet, token) =>
            {
                await Task.Delay(Drip, token);
                await session.SendAsync(Data, packet.Id, Bytes([1]), token);
            }),
            ["a header that drips"] = Always(async (session, _, token) =>
            {
                await session.SendRawAsync([0, 0], token);
                await Task.Delay(TimeSpan.FromSeconds(10), token);
            }),
            ["handles of 64 KiB"] = To([Open, OpenDirectory], (session, packet, token) => session.SendAsync(Handle, packet.Id, Bytes(new byte[65536]), token)),
            ["handles without a byte"] = To([Open, OpenDirectory], (session, packet, token) => session.SendAsync(Handle, packet.Id, Bytes([]), token)),
            ["files of 16 EiB from the year 2106"] = To([7, 8, 17], (session, packet, token) => session.SendAsync(
                AttributesReply,
                packet.Id,
                packet.FirstString is "/" ? HostileSftpSession.Folder : [.. Number(0xD), .. Number(uint.MaxValue), .. Number(uint.MaxValue), .. Number(0x81FF), .. Number(uint.MaxValue), .. Number(uint.MaxValue)],
                token)),
            ["silence"] = Always((_, _, _) => Task.CompletedTask),
            ["success, whatever is asked"] = Always((session, packet, token) => session.SendStatusAsync(packet.Id, 0, token)),
            ["a status that does not exist, at length"] = Always((session, packet, token) =>
                session.SendAsync(Status, packet.Id, [.. Number(0xFFFFFFF0), .. Bytes(new byte[200_000]), .. Text("")], token)),
            ["a handle, whatever is asked"] = Always((session, packet, token) => session.SendAsync(Handle, packet.Id, Text("h"), token)),
            ["attributes, whatever is asked"] = Always((session, packet, token) => session.SendAsync(AttributesReply, packet.Id, HostileSftpSession.Folder, token)),
            ["a name, whatever is asked"] = Always((session, packet, token) => session.SendNamesAsync(packet.Id, ["/x"u8.ToArray()], HostileSftpSession.Folder, token)),
            ["an end in the middle of a packet"] = Always(async (session, packet, token) =>
            {
                await session.SendRawAsync([.. Number(1000), AttributesReply, .. Number(packet.Id), 1], token);
                throw new IOException("Hangs up.");
            }),
            ["real paths of 200 KB"] = To(RealPath, (session, packet, token) => session.SendNamesAsync(packet.Id, [[.. Enumerable.Repeat((byte)'/', 200_000)]], Number(0), token)),
            ["real paths that climb"] = To(RealPath, (session, packet, token) => session.SendNamesAsync(packet.Id, ["/../../etc"u8.ToArray()], Number(0), token)),
            ["real paths by the hundred"] = To(RealPath, (session, packet, token) => session.SendNamesAsync(packet.Id, Enumerable.Repeat("/x"u8.ToArray(), 100), Number(0), token)),
            ["links to links"] = To([7, 17, 8], (session, packet, token) => session.SendAsync(AttributesReply, packet.Id, HostileSftpSession.Attributes(0xA1FF, 1), token)),
            ["folders in folders without end"] = To(ReadDirectory, (session, packet, token) =>
                packet.Id % 2 == 0 ? session.SendStatusAsync(packet.Id, 1, token) : session.SendNamesAsync(packet.Id, ["folder"u8.ToArray()], HostileSftpSession.Folder, token)),
            ["folders, whatever their names"] = To([7, 17, 8], (session, packet, token) => session.SendAsync(AttributesReply, packet.Id, HostileSftpSession.Folder, token)),
        };

    /// <summary>What is sent instead of VERSION.</summary>
    public static readonly IReadOnlyDictionary<string, Func<HostileSftpSession, SftpPacket, CancellationToken, Task<bool>>> Greetings =
        new Dictionary<string, Func<HostileSftpSession, SftpPacket, CancellationToken, Task<bool>>>(StringComparer.Ordinal)
        {
            ["four gigabytes"] = To(Init, (session, _, token) => session.SendRawAsync([0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 3], token)),
            ["nothing"] = To(Init, (_, _, _) => Task.CompletedTask),
            ["drops"] = To(Init, async (session, _, token) =>
            {
                await session.SendRawAsync([0, 0, 1, 0], token);
                await DripAsync(session, token);
            }),
            ["text without end"] = To(Init, async (session, _, token) =>
            {
                while (true)
                {
                    await session.SendRawAsync(new byte[64 * 1024].Select(_ => (byte)'x').ToArray(), token);
                }
            }),
            ["a version of the far future"] = To(Init, (session, _, token) => session.SendRawAsync([0, 0, 0, 5, 2, 0xFF, 0xFF, 0xFF, 0xFF], token)),
            ["an extension longer than the packet"] = To(Init, (session, _, token) => session.SendRawAsync([0, 0, 0, 9, 2, 0, 0, 0, 3, 0x7F, 0xFF, 0xFF, 0xFF], token)),
            ["a name that has no data"] = To(Init, (session, _, token) => session.SendRawAsync([0, 0, 0, 10, 2, 0, 0, 0, 3, 0, 0, 0, 1, 65], token)),
            ["another packet"] = To(Init, (session, _, token) => session.SendRawAsync([0, 0, 0, 5, 101, 0, 0, 0, 3], token)),
            ["a hang-up"] = To(Init, (_, _, _) => throw new IOException("Hangs up.")),
            ["a root of 200 KB"] = To(RealPath, (session, packet, token) => session.SendNamesAsync(packet.Id, [[.. Enumerable.Repeat((byte)'/', 200_000)]], Number(0), token)),
            ["a root that is no path"] = To(RealPath, (session, packet, token) => session.SendNamesAsync(packet.Id, [[0xFF, 0xFE]], Number(0), token)),
        };

    private static Func<HostileSftpSession, SftpPacket, CancellationToken, Task<bool>> To(byte type, Func<HostileSftpSession, SftpPacket, CancellationToken, Task> act) =>
        To([type], act);

    private static Func<HostileSftpSession, SftpPacket, CancellationToken, Task<bool>> To(byte[] types, Func<HostileSftpSession, SftpPacket, CancellationToken, Task> act) =>
        async (session, packet, token) =>
        {
            if (!types.Contains(packet.Type))
            {
                return false;
            }

            await act(session, packet, token);
            return true;
        };

    /// <summary>To everything but the greeting, and what the gateway asks to find its root.</summary>
    private static Func<HostileSftpSession, SftpPacket, CancellationToken, Task<bool>> Always(Func<HostileSftpSession, SftpPacket, CancellationToken, Task> act) =>
        async (session, packet, token) =>
        {
            if (packet.Type == Init || packet.FirstString == ".")
            {
                return false;
            }

            await act(session, packet, token);
            return true;
        };

    private static async Task DripAsync(HostileSftpSession session, CancellationToken token)
    {
        while (true)
        {
            await session.SendRawAsync([0], token);
            await Task.Delay(Drip, token);
        }
    }
}
