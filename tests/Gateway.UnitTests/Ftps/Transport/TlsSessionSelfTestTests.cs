using Gateway.Ftps.Transport;

namespace Gateway.UnitTests.Ftps.Transport;

public sealed class TlsSessionSelfTestTests
{
    /// <summary>Fails when a runtime update changes how sessions are kept: then <see cref="TlsSessionScope"/> needs to follow.</summary>
    [Fact]
    public async Task A_TLS_1_3_session_is_resumed_again_and_again() => Assert.Null(await TlsSessionSelfTest.FindTls13FaultAsync());
}
