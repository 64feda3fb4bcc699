using System.Text.Json;
using QSim.Simulator;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Serving;

/// <summary>
/// The JSON object at the head of a request: every key that is there is one that was asked for, of
/// the type that was asked for.
/// </summary>
internal sealed class RequestHead : IDisposable
{
    /// <summary>The key that says what lies in the body.</summary>
    public const string Arrays = "arrays";

    private const int MostDepth = 16;

    private readonly JsonDocument _document;
    private readonly HashSet<string> _asked = [Arrays];

    private RequestHead(JsonDocument document) => _document = document;

    /// <summary>Parses a head.</summary>
    /// <exception cref="RequestException">It is not a JSON object.</exception>
    public static RequestHead Parse(ReadOnlyMemory<byte> bytes)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(
                bytes,
                new JsonDocumentOptions { MaxDepth = MostDepth, AllowDuplicateProperties = false });
            ReadTexts(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new RequestException($"the head is not JSON: {e.Message}");
        }
        catch (InvalidOperationException)
        {
            throw new RequestException("the head is not JSON: it has a text that is not Unicode");
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object) return new(document);
        document.Dispose();
        throw new RequestException("the head is not a JSON object");
    }

    /// <summary>A value of any type; null where the key is not there, or null.</summary>
    public JsonElement? Value(string key)
    {
        _asked.Add(key);
        return _document.RootElement.TryGetProperty(key, out JsonElement value)
            && value.ValueKind != JsonValueKind.Null
                ? value
                : null;
    }

    /// <summary>Text; null where the key is not there.</summary>
    /// <exception cref="RequestException">It is something else.</exception>
    public string? Text(string key) => Value(key) is { } value ? TextOf(value, key) : null;

    /// <summary>A whole number.</summary>
    /// <param name="key">The key.</param>
    /// <param name="least">The least that is allowed.</param>
    /// <param name="most">The most.</param>
    /// <param name="otherwise">What it is where the key is not there; null to refuse that.</param>
    /// <exception cref="RequestException">It is something else.</exception>
    public long Whole(string key, long least, long most, long? otherwise = null)
    {
        if (Value(key) is not { } value)
            return otherwise ?? throw new RequestException(
                $"{key}: is missing (supported: {least}..{most})");
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number)
            && number >= least && number <= most
            ? number
            : throw new RequestException($"{key}: {Found(value)} (supported: {least}..{most})");
    }

    /// <summary>A list of texts; null where the key is not there.</summary>
    /// <exception cref="RequestException">It is something else.</exception>
    public IReadOnlyList<string>? Texts(string key)
    {
        if (Value(key) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(v => TextOf(v, key))]
            : throw new RequestException($"{key}: {Found(value)} (supported: a list of texts)");
    }

    /// <summary>Refuses keys that nobody asked for; asked after all others.</summary>
    /// <exception cref="RequestException">There is one.</exception>
    public void RefuseOthers()
    {
        foreach (JsonProperty property in _document.RootElement.EnumerateObject())
            if (!_asked.Contains(property.Name))
                throw new RequestException(
                    $"unknown key '{Brief.Name(property.Name)}'"
                        + $"{Suggestion.Hint(property.Name, _asked)} (supported: "
                        + $"{string.Join(", ", _asked)})");
    }

    /// <summary>A text.</summary>
    /// <exception cref="RequestException">It is something else.</exception>
    public static string TextOf(JsonElement value, string key) =>
        value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new RequestException($"{key}: {Found(value)} (supported: a text)");

    /// <summary>
    /// Texts are decoded when they are asked for: bytes that are not UTF-8, and halves of surrogate
    /// pairs, are met here rather than there.
    /// </summary>
    /// <exception cref="InvalidOperationException">A text is not Unicode.</exception>
    private static void ReadTexts(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                value.GetString();
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in value.EnumerateArray()) ReadTexts(item);
                break;
            case JsonValueKind.Object:
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    _ = property.Name;
                    ReadTexts(property.Value);
                }

                break;
        }
    }

    /// <summary>What is there, for messages.</summary>
    public static string Found(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "is an object",
        JsonValueKind.Array => "is a list",
        _ => $"is {Brief.Name(value.GetRawText())}",
    };

    /// <inheritdoc/>
    public void Dispose() => _document.Dispose();
}
