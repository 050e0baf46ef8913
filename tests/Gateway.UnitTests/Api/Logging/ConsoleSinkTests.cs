using System.Globalization;
using System.Text;
using Gateway.Api.Logging;

namespace Gateway.UnitTests.Api.Logging;

/// <summary>Lines on their way to the console.</summary>
public sealed class ConsoleSinkTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Every_line_arrives_whole_and_each_writer_s_in_its_order()
    {
        var stream = new ConsoleStream();
        using (var sink = new ConsoleSink(stream))
        {
            Parallel.For(0, 8, writer =>
            {
                for (var i = 0; i < 1000; i++)
                {
                    sink.Write(new StringBuilder($"{writer} {i}\n"));
                }
            });
        }

        var lines = stream.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).ToArray();
        Assert.Equal(8000, lines.Length);
        foreach (var writer in lines.GroupBy(line => line[0], line => int.Parse(line[1], CultureInfo.InvariantCulture)))
        {
            Assert.Equal(Enumerable.Range(0, 1000), writer);
        }
    }

    [Fact]
    public async Task Lines_that_come_while_others_are_written_go_out_together()
    {
        var stream = new ConsoleStream { IsStuck = true };
        using (var sink = new ConsoleSink(stream))
        {
            sink.Write(new StringBuilder("first\n"));
            await stream.Reached.WaitAsync(Patience);
            for (var i = 0; i < 1000; i++)
            {
                sink.Write(new StringBuilder("more\n"));
            }

            stream.Release();
        }

        Assert.Equal(2, stream.Writes);
        Assert.Equal("first\n" + string.Concat(Enumerable.Repeat("more\n", 1000)), stream.Text);
    }

    [Fact]
    public async Task Whoever_writes_waits_for_a_reader_who_takes_nothing()
    {
        var stream = new ConsoleStream { IsStuck = true };
        var line = new StringBuilder(new string('x', 1000));
        using (var sink = new ConsoleSink(stream))
        {
            sink.Write(line);
            await stream.Reached.WaitAsync(Patience);
            var written = 0;
            var writing = Task.Run(() =>
            {
                for (; written < 3000; written++)
                {
                    sink.Write(line);
                }
            });

            // It comes to a stop at the bound: once it is there, it does not get on.
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref written) >= 1049, Patience));
            await Task.WhenAny(writing, Task.Delay(100));
            Assert.Equal(1049, Volatile.Read(ref written));
            stream.Release();
            await writing.WaitAsync(Patience);
        }

        Assert.Equal(3_001_000, stream.Text.Length);
    }

    [Fact]
    public void A_character_across_two_chunks_stays_one()
    {
        var text = new StringBuilder(16).Append(new string('a', 15)).Append("\U0001F600"[0]).Append("\U0001F600"[1]);
        var stream = new ConsoleStream();
        using (var sink = new ConsoleSink(stream))
        {
            sink.Write(text);
        }

        Assert.Equal(text.ToString(), stream.Text);
    }

    [Fact]
    public async Task A_stream_that_fails_costs_what_it_was_given_and_nothing_else()
    {
        var stream = new ConsoleStream { Failures = 1 };
        using (var sink = new ConsoleSink(stream))
        {
            sink.Write(new StringBuilder("lost\n"));
            await stream.Reached.WaitAsync(Patience);
            sink.Write(new StringBuilder("kept\n"));
        }

        Assert.Equal("kept\n", stream.Text);
    }

    [Fact]
    public async Task A_stuck_reader_does_not_hold_up_the_end()
    {
        var stream = new ConsoleStream { IsStuck = true };
        var sink = new ConsoleSink(stream);
        sink.Write(new StringBuilder("first\n"));
        await stream.Reached.WaitAsync(Patience);
        await Task.Run(sink.Dispose).WaitAsync(Patience);
        sink.Write(new StringBuilder("too late\n"));
        stream.Release();
        Assert.DoesNotContain("late", stream.Text, StringComparison.Ordinal);
    }
}
