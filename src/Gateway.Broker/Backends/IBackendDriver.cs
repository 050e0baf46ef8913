namespace Gateway.Broker.Backends;

/// <summary>
/// One protocol. The host binds the configuration section named <see cref="Section"/> to the driver's options class, lets
/// the driver judge it, and asks for a connector. A new protocol is a project with one of these and one line in Program.cs.
/// </summary>
public interface IBackendDriver
{
    /// <summary>The value of <c>Protocol</c> that chooses this driver, in lower case: <c>sftp</c>.</summary>
    string Protocol { get; }

    /// <summary>The backend's sub-section with the driver's own keys: <c>Sftp</c>.</summary>
    string Section { get; }

    /// <summary>A fresh options object with its defaults, for the host to bind.</summary>
    object CreateOptions();

    /// <summary>The port where none is configured (it may depend on the options: 21 or 990).</summary>
    int GetDefaultPort(object options);

    /// <summary>
    /// Adds every error it finds, not only the first. Files that are named are checked here: existence, mode, form.
    /// </summary>
    /// <param name="settings">The common part.</param>
    /// <param name="options">The bound options.</param>
    /// <param name="report">
    /// Takes the key relative to the backend (<c>Sftp:HostKeyFingerprints</c>) and a sentence that says what to write instead.
    /// </param>
    void Validate(BackendSettings settings, object options, Action<string, string> report);

    /// <summary>
    /// A connector for validated settings. Opens nothing yet. Throws nothing that <see cref="Validate"/> did not report.
    /// </summary>
    IBackendConnector CreateConnector(BackendSettings settings, object options);
}
