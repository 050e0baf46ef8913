using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Gateway.Testing;

/// <summary>Waits for what happens on other threads. For order between events a test uses its fakes; this is for their outcome.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Returns as soon as the condition holds; throws with its text where it does not for 20 s.</summary>
    public static Task HoldsAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "") =>
        HoldsAsync(() => Task.FromResult(condition()), text);

    /// <summary>The same for a condition that has to be asked for.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > Patience)
            {
                throw new TimeoutException($"This did not come true within {Patience.TotalSeconds} s: {text}");
            }

            await Task.Delay(1);
        }
    }
}
