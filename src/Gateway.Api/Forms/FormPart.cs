using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Api.Forms;

/// <summary>A file in a form.</summary>
/// <param name="Field">The name of the form's field.</param>
/// <param name="Name">The name of the file, as the form has it.</param>
/// <param name="Section">Its headers and bytes.</param>
internal sealed record FormPart(string Field, string Name, MultipartSection Section);
