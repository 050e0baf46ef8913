using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Api.Backends;
using Gateway.Api.Copies;
using Gateway.Api.Entries;
using Gateway.Api.Errors;
using Gateway.Api.Forms;
using Gateway.Api.Health;
using Gateway.Api.Links;
using Gateway.Api.Moves;
using Gateway.Broker.Backends;

namespace Gateway.Api.Hosting;

/// <summary>How documents are read and written.</summary>
[JsonSerializable(typeof(BackendsDocument))]
[JsonSerializable(typeof(BackendDocument))]
[JsonSerializable(typeof(EntryDocument))]
[JsonSerializable(typeof(FormDocument))]
[JsonSerializable(typeof(HealthDocument))]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(EntryPatchDocument))]
[JsonSerializable(typeof(MoveDocument))]
[JsonSerializable(typeof(CopyDocument))]
[JsonSerializable(typeof(TreeCopyDocument))]
[JsonSerializable(typeof(LinkRequestDocument))]
[JsonSerializable(typeof(LinkDocument))]
[JsonSerializable(typeof(ProblemTypesDocument))]
internal sealed partial class GatewayJson : JsonSerializerContext
{
    /// <summary>The one to use: the generated default lacks the encoder and the names of enumerations.</summary>
    public static GatewayJson Documents { get; } = new(CreateOptions());

    /// <summary>The options, also for those who describe the documents.</summary>
    public static JsonSerializerOptions CreateOptions() => new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        Encoder = JsonFormat.Encoder,
        Converters =
        {
            new JsonStringEnumConverter<RemoteEntryType>(JsonNamingPolicy.KebabCaseLower),
            new JsonStringEnumConverter<FormOutcome>(JsonNamingPolicy.KebabCaseLower),
        },
    };
}
