using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Runner.Conformance;

/// <summary>One accumulation as a file states it.</summary>
/// <param name="Name">Its id.</param>
/// <param name="Layer">A dense layer with one output.</param>
/// <param name="Inputs">Raw inputs.</param>
/// <param name="Steps">The accumulator after every update; null when not stated.</param>
/// <param name="Output">The raw output; null when not stated.</param>
internal sealed record MacRow(
    string Name, MacLayer Layer, long[] Inputs, long[]? Steps, long? Output)
{
    private static readonly string[] Keys =
    [
        "id", "x", "w", "product", "accumulator", "output", "bias", "xs", "ws", "steps", "out",
        "lanes", "interleave", "when", "bias_position", "x_zero_point", "dialect",
    ];

    private static readonly string[] FormatKeys =
    [
        "bits",
        "integer_bits",
        "signed",
        "rounding",
        "overflow",
        "n",
    ];

    public static MacRow Read(JsonRow row, OverflowDialect dialect)
    {
        row.AllowOnly(Keys);
        FixedFormat x = Format(row, "x");
        FixedFormat w = Format(row, "w");
        long[] inputs = Raws(row, "xs", x);
        long[] weights = Raws(row, "ws", w);
        if (inputs.Length == 0) throw row.Error("xs", "there are no products");
        if (inputs.Length != weights.Length)
            throw row.Error("ws", $"{weights.Length} weights for {inputs.Length} inputs");
        if (!row.Has("steps") && !row.Has("out"))
            throw row.Error("out", "neither steps nor out are stated");

        FixedFormat accumulator = Format(row, "accumulator");
        if (row.Has("out") && !row.Has("output"))
            throw row.Error("out", "is stated without the format of an output");
        FixedFormat output = row.Has("output")
            ? Format(row, "output")
            : new FixedFormat(32, 0, true);
        int product = row.Has("product")
            ? Format(row, "product").FractionBits
            : x.FractionBits + w.FractionBits;
        long zeroPoint = row.Integer("x_zero_point", int.MinValue, int.MaxValue, 0);
        MacLayer layer = new(
            "mac", [0], Type(new(1), output), Type(new(inputs.Length), x), new WindowGeometry(),
            [.. weights.Select(v => (int)v)], w.TotalBits, w.IsSigned,
            [row.Integer("bias", accumulator.MinRaw, accumulator.MaxRaw, 0)],
            Unit(row, dialect, x.FractionBits + w.FractionBits, product) with
            {
                InputOffset = (int)zeroPoint,
            },
            [
                new Requantization
                {
                    Kind = RequantizationKind.Shift,
                    Output = row.Has("output")
                        ? Into(row, "output", accumulator.FractionBits, dialect)
                        : ConversionSpec.Into(
                            output, 0, RoundingMode.TowardNegative, OverflowMode.Saturate),
                    ClampMin = long.MinValue,
                    ClampMax = long.MaxValue,
                },
            ]);
        return new(
            row.Text("id", "accumulation"), layer, inputs,
            row.Has("steps") ? row.Integers("steps") : null,
            row.Has("out") ? row.Integer("out", long.MinValue, long.MaxValue) : null);
    }

    private static MacSpec Unit(JsonRow row, OverflowDialect dialect, int exact, int product)
    {
        FixedFormat accumulator = Format(row, "accumulator");
        int common = Math.Max(product, accumulator.FractionBits);
        return new MacSpec
        {
            ProductStage = row.Has("product") ? ProductStage.Converted : ProductStage.Exact,
            Product = row.Has("product") ? Into(row, "product", exact, dialect) : default,
            AccumulatorAlign = common - accumulator.FractionBits,
            PartialAlign = common - product,
            Update = Into(row, "accumulator", common, dialect),
            Lanes = row.IsText("lanes")
                ? Choice(row, "lanes", "1", ("1", 1), ("all", 0))
                : (int)row.Integer("lanes", 1, int.MaxValue, 1),
            Order = row.Has("interleave") ? ReductionOrder.Interleave : ReductionOrder.ChannelFirst,
            Interleave = (int)row.Integer("interleave", 1, int.MaxValue, 1),
            When = Choice(
                row, "when", "every_update", ("every_update", AccumulatorUpdate.EveryUpdate),
                ("end", AccumulatorUpdate.End)),
            Bias = Choice(
                row, "bias_position", "first", ("first", BiasPosition.First),
                ("last", BiasPosition.Last)),
            InputOffset = 0,
        };
    }

    private static T Choice<T>(
        JsonRow row, string key, string otherwise, params (string Name, T Value)[] choices)
    {
        string name = row.Text(key, otherwise);
        foreach ((string known, T value) in choices)
            if (known == name)
                return value;
        throw row.Error(
            key, $"'{name}' (supported: {string.Join(", ", choices.Select(c => c.Name))})");
    }

    private static ConversionSpec Into(
        JsonRow row, string key, int sourcePoint, OverflowDialect dialect)
    {
        FixedFormat target = Format(row, key);
        JsonRow format = row.Member(key);
        return ConversionSpec.Into(
            target, sourcePoint - target.FractionBits,
            Modes.Rounding(format.Text("rounding", "TRN"), m => row.Error(key, m)),
            Modes.Overflow(format.Text("overflow", "WRAP"), m => row.Error(key, m)),
            (int)format.Integer("n", 0, target.TotalBits, 0), dialect);
    }

    private static FixedFormat Format(JsonRow row, string key)
    {
        JsonRow format = row.Member(key);
        format.AllowOnly(FormatKeys);
        bool isSigned = format.Flag("signed");
        int most = key is "product" or "accumulator" ? 64 : 32;
        int bits = (int)format.Integer("bits", 1, isSigned ? most : Math.Min(most, 63));
        return new(bits, bits - (int)format.Integer("integer_bits", -1000, 1000), isSigned);
    }

    /// <summary>Raw values, signed or as unsigned bits.</summary>
    private static long[] Raws(JsonRow row, string key, FixedFormat format) =>
        [.. row.Integers(key).Select(v => Raw(row, key, v, format))];

    private static long Raw(JsonRow row, string key, long value, FixedFormat format)
    {
        bool isBits = format.IsSigned && value > format.MaxRaw && value < 1L << format.TotalBits;
        long raw = isBits ? value - (1L << format.TotalBits) : value;
        return raw >= format.MinRaw && raw <= format.MaxRaw
            ? raw
            : throw row.Error(key, $"{value} does not fit {format}");
    }

    private static TensorType Type(TensorShape shape, FixedFormat format) =>
        new(shape, format.TotalBits, format.IsSigned, format.Step);
}
