using System.Collections.Immutable;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Formats;

namespace QSim.Simulator.Profiles.Keys;

/// <summary>
/// The keys of the stages that do not multiply: pooling, tables, softmax, residual additions.
/// </summary>
internal static class FunctionKeys
{
    public const string Exact = "exact";
    public const string None = "none";
    public const string Output = "output";
    public const string Computed = "computed";

    private static FormatMapType Register { get; } =
        new(null, 32, FormatKeys.Fixed(32, "TRN", "WRAP"));

    private static MapType Pooling { get; } = new(
    [
        new("average_rounding", FormatKeys.Rounding, "Rounding of the quotient of average pooling.")
        {
            Default = "RND_INF",
            Silicon = "A divider, or a multiplication by the reciprocal, and how it rounds.",
        },
    ]);

    private static MapType Table { get; } =
        new([
            new("entries", new IntegerType(2, 65536), "Number of entries N.")
            {
                IsRequired = true,
                Unit = "entries",
                Silicon = "Depth of the ROM.",
            },
            new("low", new NumberType(-1e6, 1e6), "Lower end of the input range.")
            {
                IsRequired = true,
                Unit = "real value",
                Silicon = "Inputs below it use the first entry.",
            },
            new("high", new NumberType(-1e6, 1e6), "Upper end of the input range.")
            {
                IsRequired = true,
                Unit = "real value",
                Silicon = "Inputs above it use the last entry.",
            },
            new(
                "index", new WordType(["floor", "toward_zero", "nearest", "hls4ml"]),
                "How an input finds its entry.")
            {
                Default = "floor",
                Silicon =
                    "Which bits address the ROM; `hls4ml` is trunc(x * N / (high - low)) + N / 2, "
                        + "whose middle bin is twice as wide.",
            },
            new(
                "values",
                new TextType(2_000_000),
                "Your own entries, from low upward: a CSV file of N numbers, or the numbers"
                    + " with blanks between them; `computed` has those of sigmoid and tanh.")
            {
                Default = Computed,
                Unit = "real value",
                Silicon = "Contents of the ROM before they are converted.",
            },
            new(
                "entry", new WordOrMapType(Output, Register),
                "Format of the entries; `output` stores outputs.")
            {
                Default = Output,
                Silicon = "Width of the ROM.",
            },
        ]);

    private static MapType Softmax { get; } =
        new([
            new(
                "kind", new WordType(["latency", "stable"]),
                "What addresses the table of exponentials.")
            {
                IsRequired = true,
                Silicon =
                    "The input itself, or the largest input less the input (a comparator tree and "
                        + "subtractors).",
            },
            new("entries", new IntegerType(2, 65536), "Entries of each table, a power of two.")
            {
                IsRequired = true,
                Unit = "entries",
                Silicon = "Depth of both ROMs.",
            },
            Part("difference", "Largest input less input (hls4ml: inp_norm_t).") with
            {
                When = new("kind", "stable"),
            },
            Part("exponential", "Entries of the table of exponentials (hls4ml: exp_table_t)."),
            Part("sum", "The sum of exponentials (hls4ml: accum_t)."),
            Part("inverse_input", "What addresses the table of reciprocals (hls4ml: inv_inp_t)."),
            Part("inverse", "Entries of the table of reciprocals (hls4ml: inv_table_t)."),
        ]);

    /// <summary>As the profile's stages.</summary>
    public static ImmutableArray<KeySpec> Stages { get; } =
    [
        new("pooling", Pooling, "Pooling.")
        {
            Default = "",
            Silicon = "The unit after the activation memory.",
        },
        new(
            "table", new WordOrMapType(Exact, Table),
            "Sigmoid and tanh by table; `exact` has one entry per raw value.")
        {
            Default = Exact,
            Silicon = "A ROM; `exact` is the ROM that is as deep as the input has values.",
        },
        new(
            "softmax", new WordOrMapType(None, Softmax),
            "Softmax by two tables; with `none` such a layer is refused.")
        {
            Default = None,
            Silicon =
                "Two ROMs, an adder tree and a multiplier; most accelerators leave softmax to the "
                    + "host.",
        },
        new(
            "residual_add", new WordType(["auto", "align", "multiplier"]),
            "How sums and concatenations meet.")
        {
            Default = "auto",
            Silicon =
                "`align` shifts binary points together; `multiplier` rescales each input as "
                    + "TFLite's ADD does; `auto` aligns where every scale is a power of two.",
        },
    ];

    private static KeySpec Part(string name, string summary) => new(name, Register, summary)
    {
        IsRequired = true,
        Silicon = "A register.",
    };
}
