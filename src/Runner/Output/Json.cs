using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using QSim.Attacks.Evaluation;

namespace QSim.Runner.Output;

/// <summary>How QSim writes JSON: snake_case, indented, a newline at the end.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        RespectNullableAnnotations = true,
        Converters =
        {
            new EpsilonText(), new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower),
        },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions LineOptions = new(Options)
    {
        WriteIndented = false,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The document of a value.</summary>
    public static string Of<T>(T value) => JsonSerializer.Serialize(value, Options) + "\n";

    /// <summary>The document of a value in one line.</summary>
    public static string LineOf<T>(T value) => JsonSerializer.Serialize(value, LineOptions);

    /// <summary>A value from its document.</summary>
    /// <exception cref="JsonException">It is no such document.</exception>
    /// <exception cref="FormatException">A budget in it is none.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> document) =>
        JsonSerializer.Deserialize<T>(document, Options)
        ?? throw new JsonException("nothing where a value is needed");

    /// <summary>Budgets as they were written: <c>"8/255"</c>.</summary>
    private sealed class EpsilonText : JsonConverter<Epsilon>
    {
        public override Epsilon Read(
            ref Utf8JsonReader reader, Type typeToConvert,
            JsonSerializerOptions options) => Epsilon.Parse(reader.GetString() ?? "");

        public override void Write(
            Utf8JsonWriter writer, Epsilon value,
            JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
