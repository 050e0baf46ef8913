using System.Reflection;
using Xunit.Sdk;

namespace Gateway.FunctionalTests.Contract;

/// <summary>Runs a theory once for every set-up, or for every one of one protocol.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnEveryServerAttribute(string? protocol = null) : DataAttribute
{
    /// <summary>The protocol; null: all.</summary>
    public string? Protocol { get; } = protocol;

    /// <summary>Leaves out servers that have one of these quirks.</summary>
    public ServerQuirks Without { get; set; }

    /// <inheritdoc/>
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        ContractServer.GetNames(Protocol, Without).Select(name => new object[] { name });
}
