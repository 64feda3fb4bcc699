using System.Text.Json;
using QSim.Simulator;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Conformance;

/// <summary>
/// A JSON object in a file, whose members are read with errors that say where they are.
/// </summary>
/// <param name="file">The file as the user named it.</param>
/// <param name="line">Line, from 1.</param>
/// <param name="text">The line.</param>
/// <param name="element">The object.</param>
internal sealed class JsonRow(string file, int line, string text, JsonElement element)
{
    public int Line => line;

    /// <summary>Reads one line.</summary>
    /// <exception cref="InputException">It is no JSON object.</exception>
    public static JsonRow Parse(string file, int line, string text)
    {
        try
        {
            JsonElement element = JsonDocument.Parse(text).RootElement;
            return element.ValueKind == JsonValueKind.Object
                ? new JsonRow(file, line, text, element)
                : throw InputBytes.Error(
                    file, line, 1, $"a JSON {element.ValueKind} where an object is needed");
        }
        catch (JsonException e)
        {
            throw InputBytes.Error(
                file, line, (int)(e.BytePositionInLine ?? 0) + 1, "this is not JSON");
        }
    }

    /// <summary>Refuses members that would change the meaning and are not understood.</summary>
    public void AllowOnly(params string[] known)
    {
        foreach (JsonProperty member in element.EnumerateObject())
        {
            if (known.Contains(member.Name)) continue;
            throw Error(
                member.Name,
                $"unknown key{Suggestion.Hint(member.Name, known)} (supported: "
                    + $"{string.Join(", ", known)})");
        }
    }

    public bool Has(string key) =>
        element.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    public long Integer(string key, long least, long most) => Integer(key, Value(key), least, most);

    public long Integer(string key, long least, long most, long otherwise) =>
        Has(key) ? Integer(key, least, most) : otherwise;

    public double Real(string key) => Real(key, Value(key));

    public bool Flag(string key) => Value(key).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Error(key, $"{Value(key)} is neither true nor false"),
    };

    public string Text(string key, string otherwise) =>
        !Has(key) ? otherwise
        : Value(key).ValueKind == JsonValueKind.String ? Value(key).GetString()!
        : throw Error(key, $"{Value(key)} is not a string");

    /// <summary>True when the member is a string.</summary>
    public bool IsText(string key) => Has(key) && Value(key).ValueKind == JsonValueKind.String;

    public JsonRow Member(string key) => Value(key).ValueKind == JsonValueKind.Object
        ? new JsonRow(file, line, text, Value(key))
        : throw Error(key, $"{Value(key)} is not an object");

    public long[] Integers(string key) =>
        [.. Items(key).Select(v => Integer(key, v, long.MinValue, long.MaxValue))];

    /// <summary>The numbers of an array, or the one number that stands in its place.</summary>
    public double[] Reals(string key) =>
        Value(key).ValueKind == JsonValueKind.Array
            ? [.. Items(key).Select(v => Real(key, v))]
            : [Real(key)];

    /// <summary>
    /// The whole numbers of an array, or the one number that stands in its place.
    /// </summary>
    public int[] SmallIntegers(string key, int otherwise, int least) =>
        !Has(key) ? [otherwise]
        : Value(key).ValueKind == JsonValueKind.Array
            ? [.. Items(key).Select(v => (int)Integer(key, v, least, 1 << 20))]
            : [(int)Integer(key, least, 1 << 20)];

    public InputException Error(string key, string message)
    {
        int at = text.IndexOf($"\"{key}\"", StringComparison.Ordinal);
        return InputBytes.Error(file, line, at + 1 < 1 ? 1 : at + 1, message, key);
    }

    private JsonElement Value(string key) =>
        element.TryGetProperty(key, out JsonElement value) ? value : throw Error(key, "is missing");

    private IEnumerable<JsonElement> Items(string key) =>
        Value(key).ValueKind == JsonValueKind.Array
            ? Value(key).EnumerateArray()
            : throw Error(key, $"{Value(key)} is not an array");

    private long Integer(string key, JsonElement value, long least, long most) =>
        value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out long number)
            ? throw Error(key, $"{value} is not a whole number")
        : number < least || number > most ? throw Error(key, $"{number} is not in {least}..{most}")
        : number;

    private double Real(string key, JsonElement value) => value.ValueKind == JsonValueKind.Number
        ? value.GetDouble()
        : throw Error(key, $"{value} is not a number");
}
