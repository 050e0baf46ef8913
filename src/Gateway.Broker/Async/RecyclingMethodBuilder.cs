using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace Gateway.Broker.Async;

/// <summary>
/// Builds async methods whose state is used again, as <see cref="PoolingAsyncValueTaskMethodBuilder{TResult}"/> does it, but keeps as many
/// as are under way at once: that one keeps one for each thread and core, and with 64 callers makes all the others anew. For what runs once
/// for each request; as with the framework's, a result may be awaited only once.
/// </summary>
/// <typeparam name="TResult">What the method returns.</typeparam>
[StructLayout(LayoutKind.Auto)]
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Only the compiler uses it.")]
[SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "The compiler asks for this shape.")]
public struct RecyclingMethodBuilder<TResult>
{
    private Operation? _operation;
    private TResult _result;

    /// <summary>What the method returns to its caller.</summary>
    public readonly ValueTask<TResult> Task => _operation is { } operation ? new(operation, operation.Version) : new(_result);

    /// <summary>Called by compiled code.</summary>
    [SuppressMessage("Design", "CA1000:Do not declare static members on generic types", Justification = "The compiler asks for this shape.")]
    public static RecyclingMethodBuilder<TResult> Create() => default;

    /// <summary>Runs the method up to its first wait.</summary>
    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => AsyncValueTaskMethodBuilder.Create().Start(ref stateMachine);

    /// <summary>Called by compiled code; an operation holds its state machine already.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    /// <summary>The method has returned.</summary>
    public void SetResult(TResult result)
    {
        if (_operation is null)
        {
            _result = result;
        }
        else
        {
            _operation.Succeed(result);
        }
    }

    /// <summary>The method has thrown.</summary>
    public void SetException(Exception exception) => (_operation ??= new Operation()).Fail(exception);

    /// <summary>Waits without capturing the context itself.</summary>
    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.OnCompleted(Suspend(ref stateMachine));

    /// <summary>Waits; the context flows with the method.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.UnsafeOnCompleted(Suspend(ref stateMachine));

    private Action Suspend<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        if (_operation is not Operation<TStateMachine> operation)
        {
            // This builder is a part of the state machine: it must know its operation before the two are copied.
            operation = Operation<TStateMachine>.Rent();
            _operation = operation;
            operation.StateMachine = stateMachine;
        }

        operation.Context = ExecutionContext.Capture();
        return operation.MoveNextAction;
    }

    /// <summary>What a caller waits for: also where a method throws before its first wait.</summary>
    private class Operation : IValueTaskSource<TResult>
    {
        private ManualResetValueTaskSourceCore<TResult> _completion;

        public short Version => _completion.Version;

        public void Succeed(TResult result) => _completion.SetResult(result);

        public void Fail(Exception exception) => _completion.SetException(exception);

        public TResult GetResult(short token)
        {
            // A second or early look throws here, and gives nothing back that is not its own.
            if (GetStatus(token) == ValueTaskSourceStatus.Pending)
            {
                throw new InvalidOperationException("The operation has not ended.");
            }

            try
            {
                return _completion.GetResult(token);
            }
            finally
            {
                _completion.Reset();
                Recycle();
            }
        }

        public ValueTaskSourceStatus GetStatus(short token) => _completion.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _completion.OnCompleted(continuation, state, token, flags);

        protected virtual void Recycle()
        {
        }
    }

    /// <summary>The state of a method that has waited.</summary>
    private sealed class Operation<TStateMachine> : Operation
        where TStateMachine : IAsyncStateMachine
    {
        /// <summary>For each method. More than so many requests at once pay for what they make.</summary>
        private const int MaxIdle = 512;

        private static readonly ConcurrentQueue<Operation<TStateMachine>> s_idle = new();
        private static readonly ContextCallback s_moveNext = static state => ((Operation<TStateMachine>)state!).StateMachine.MoveNext();
        private static int s_idleCount;

        [SuppressMessage("Design", "CA1051:Do not declare visible instance fields", Justification = "The state machine runs in place.")]
        public TStateMachine StateMachine = default!;

        private Operation() => MoveNextAction = MoveNext;

        public Action MoveNextAction { get; }

        public ExecutionContext? Context { get; set; }

        public static Operation<TStateMachine> Rent()
        {
            if (s_idle.TryDequeue(out var operation))
            {
                Interlocked.Decrement(ref s_idleCount);
                return operation;
            }

            return new Operation<TStateMachine>();
        }

        /// <summary>Nothing of this object may be touched behind the step: its last one ends with somebody else using it.</summary>
        private void MoveNext()
        {
            if (Context is { } context)
            {
                ExecutionContext.Run(context, s_moveNext, this);
            }
            else
            {
                StateMachine.MoveNext();
            }
        }

        protected override void Recycle()
        {
            StateMachine = default!;
            Context = null;
            if (Interlocked.Increment(ref s_idleCount) <= MaxIdle)
            {
                s_idle.Enqueue(this);
            }
            else
            {
                Interlocked.Decrement(ref s_idleCount);
            }
        }
    }
}
