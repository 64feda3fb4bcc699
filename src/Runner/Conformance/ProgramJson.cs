using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using QSim.Kernels.Datapath;
using QSim.Runner.Output;
using QSim.Simulator;

namespace QSim.Runner.Conformance;

/// <summary>A program without its arrays.</summary>
/// <param name="Schema">The version of the format.</param>
/// <param name="Name">Network and profile.</param>
/// <param name="Seed">Key of stochastic rounding.</param>
/// <param name="Input">What goes in.</param>
/// <param name="Layers">In order.</param>
internal sealed record ProgramDocument(
    string Schema, string Name, ulong Seed, InputStage Input, IReadOnlyList<LayerDocument> Layers);

/// <summary>One layer without its arrays.</summary>
/// <param name="Type">Which type of layer.</param>
/// <param name="Settings">What it is made of, by the names of its type.</param>
internal sealed record LayerDocument(string Type, JsonElement Settings);

/// <summary>
/// Programs as JSON: every setting under its own name, none left out, none that is not known. What
/// came later is left out where it says nothing, so that older files are read and keep their bytes.
/// </summary>
internal static class ProgramJson
{
    /// <summary>The version of the format.</summary>
    public const string Schema = "qsim/taps/1";

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        IncludeFields = true,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters =
        {
            new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false),
        },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NeedAll } },
    };

    /// <summary>Settings that came after the format, all of them structs.</summary>
    private static readonly (Type Type, string Name)[] Later =
        [(typeof(AverageUnit), nameof(AverageUnit.Offset))];

    /// <summary>
    /// Types of layers under the names that files use: <c>MaxPoolLayer</c> is <c>max_pool</c>.
    /// </summary>
    public static IReadOnlyList<(string Name, Type Type)> Layers { get; } =
    [
        .. typeof(ProgramLayer).Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(ProgramLayer)))
            .Select(t => (
                Name: JsonNamingPolicy.SnakeCaseLower.ConvertName(t.Name[..^"Layer".Length]), t))
            .OrderBy(t => t.Name, StringComparer.Ordinal),
    ];

    /// <summary>The document of a program whose layers have lost their arrays.</summary>
    public static byte[] Of(QuantizedProgram program) => JsonSerializer.SerializeToUtf8Bytes(
        new ProgramDocument(
            Schema, program.Name, program.Seed, program.Input,
            [
                .. program.Layers.Select(l => new LayerDocument(
                    Layers.First(t => t.Type == l.GetType()).Name,
                    JsonSerializer.SerializeToElement(l, l.GetType(), Options))),
            ]),
        Options);

    /// <summary>The program of a document, its layers without their arrays.</summary>
    /// <exception cref="JsonException">It is no such document.</exception>
    public static QuantizedProgram Parse(ReadOnlySpan<byte> text)
    {
        ProgramDocument document = JsonSerializer.Deserialize<ProgramDocument>(text, Options)
            ?? throw new JsonException("nothing where a program is needed");
        if (document.Schema != Schema)
            throw new JsonException(
                $"schema '{Brief.Name(document.Schema)}' is not known (supported: {Schema})");
        var program = new QuantizedProgram(
            document.Name, document.Input, [.. document.Layers.Select(Layer)], document.Seed);
        return JsonWhole.WhyNot(program) is { } reason ? throw new JsonException(reason) : program;
    }

    private static ProgramLayer Layer(LayerDocument document)
    {
        Type? type = Layers.FirstOrDefault(t => t.Name == document.Type).Type;
        if (type is null)
            throw new JsonException(
                $"a layer of type '{Brief.Name(document.Type)}' (supported: "
                    + $"{string.Join(", ", Layers.Select(t => t.Name))})");
        return (ProgramLayer)(document.Settings.Deserialize(type, Options)
            ?? throw new JsonException("a layer without settings"));
    }

    /// <summary>What follows from others is not written; all else has to be there.</summary>
    private static void NeedAll(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object) return;
        for (int i = type.Properties.Count - 1; i >= 0; i--)
        {
            JsonPropertyInfo property = type.Properties[i];
            if (property.Set is null) type.Properties.RemoveAt(i);
            else if (IsLater(type.Type, property.Name)) property.ShouldSerialize = Says;
            else property.IsRequired = true;
        }
    }

    private static bool IsLater(Type type, string name) => Later.Any(l =>
        l.Type == type && JsonNamingPolicy.SnakeCaseLower.ConvertName(l.Name) == name);

    private static bool Says(object owner, object? value) =>
        value is not null && !value.Equals(Activator.CreateInstance(value.GetType()));
}
