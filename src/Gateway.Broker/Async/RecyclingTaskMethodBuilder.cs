using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gateway.Broker.Async;

/// <summary>
/// The same as <see cref="RecyclingMethodBuilder{TResult}"/> for what has to be a <see cref="System.Threading.Tasks.Task"/>, as handlers of
/// requests have: the task itself is made anew for each call that waits, the method's state is not.
/// </summary>
[StructLayout(LayoutKind.Auto)]
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Only the compiler uses it.")]
[SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "The compiler asks for this shape.")]
public struct RecyclingTaskMethodBuilder
{
    /// <summary>Its result says nothing.</summary>
    private RecyclingMethodBuilder<bool> _method;

    /// <summary>What the method returns to its caller; compiled code asks once.</summary>
    public readonly Task Task => _method.Task.AsTask();

    /// <summary>Called by compiled code.</summary>
    public static RecyclingTaskMethodBuilder Create() => default;

    /// <summary>Runs the method up to its first wait.</summary>
    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => _method.Start(ref stateMachine);

    /// <summary>Called by compiled code.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine) => _method.SetStateMachine(stateMachine);

    /// <summary>The method has returned.</summary>
    public void SetResult() => _method.SetResult(true);

    /// <summary>The method has thrown.</summary>
    public void SetException(Exception exception) => _method.SetException(exception);

    /// <summary>Waits without capturing the context itself.</summary>
    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => _method.AwaitOnCompleted(ref awaiter, ref stateMachine);

    /// <summary>Waits; the context flows with the method.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => _method.AwaitUnsafeOnCompleted(ref awaiter, ref stateMachine);
}
