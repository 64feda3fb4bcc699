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
        PropertyNamingPolicy = JsonWhole.Names,
        WriteIndented = true,
        NewLine = "\n",
        RespectNullableAnnotations = true,
        Converters =
        {
            new EpsilonText(),
            new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false),
        },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions LineOptions = new(Options)
    {
        WriteIndented = false,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The document of a value.</summary>
    public static string Of<T>(T value) =>
        Untrusted.Json(JsonSerializer.Serialize(value, Options)) + "\n";

    /// <summary>The document of a value in one line.</summary>
    public static string LineOf<T>(T value) =>
        Untrusted.Json(JsonSerializer.Serialize(value, LineOptions));

    /// <summary>
    /// A value from its document, with everything that its type says it has: see
    /// <see cref="JsonWhole"/>.
    /// </summary>
    /// <exception cref="JsonException">It is no such document.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> document)
        where T : class
    {
        T value = JsonSerializer.Deserialize<T>(document, Options)
            ?? throw new JsonException("nothing where a value is needed");
        return JsonWhole.WhyNot(value) is { } reason ? throw new JsonException(reason) : value;
    }

    /// <summary>Budgets as they were written: <c>"8/255"</c>.</summary>
    private sealed class EpsilonText : JsonConverter<Epsilon>
    {
        public override Epsilon Read(
            ref Utf8JsonReader reader, Type typeToConvert,
            JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String
            && Epsilon.TryParse(reader.GetString()!, out Epsilon epsilon)
                ? epsilon
                : throw new JsonException("no budget");

        public override void Write(
            Utf8JsonWriter writer, Epsilon value,
            JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
