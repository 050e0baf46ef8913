using System.Text;

namespace Gateway.Api.Logging;

/// <summary>
/// What is logged, where it writes its message itself: for lines that come with every request a string would cost more than all else of them.
/// The message is of one line; <see cref="object.ToString"/> gives the same.
/// </summary>
internal interface ILineText
{
    /// <summary>Writes the message behind what is there.</summary>
    void AppendTo(StringBuilder line);
}
