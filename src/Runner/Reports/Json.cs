using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using QSim.Attacks.Evaluation;

namespace QSim.Runner.Reports;

/// <summary>How QSim writes JSON: snake_case, indented, a newline at the end.</summary>
public static class Json
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        Converters =
        {
            new EpsilonText(), new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower),
        },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The document of a value.</summary>
    public static string Of<T>(T value) => JsonSerializer.Serialize(value, Options) + "\n";

    /// <summary>Budgets as they were written: <c>"8/255"</c>.</summary>
    private sealed class EpsilonText : JsonConverter<Epsilon>
    {
        public override Epsilon Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Epsilon.Parse(reader.GetString() ?? "");

        public override void Write(Utf8JsonWriter writer, Epsilon value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
