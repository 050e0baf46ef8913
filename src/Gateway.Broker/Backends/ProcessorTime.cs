namespace Gateway.Broker.Backends;

/// <summary>Processor time of a process since its start.</summary>
/// <param name="Ran">How long it ran.</param>
/// <param name="Waited">How long it could have run, and waited for a processor.</param>
public readonly record struct ProcessorTime(TimeSpan Ran, TimeSpan Waited);
