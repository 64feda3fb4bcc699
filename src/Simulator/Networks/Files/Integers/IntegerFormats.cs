using System.Globalization;
using QSim.Kernels.Arithmetic;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files.Integers;

/// <summary>Formats of tensors as files of ready-made integers have them.</summary>
internal static class IntegerFormats
{
    /// <summary>The format, as what makes real values of it.</summary>
    /// <exception cref="InputException">It says too little or too much.</exception>
    public static FakeQuantizer Of(MapNode node)
    {
        QuantizerUnit unit = IntegerKeys.Units[node.Text("unit") ?? "requantization"];
        var format = new ValueFormat
        {
            Bits = Integer(node, "bits"),
            Signedness = IsSet(node, "signed") ? Signedness.Signed : Signedness.Unsigned,
            NarrowRange = unit == QuantizerUnit.Sign || IsSet(node, "narrow_range"),
        };
        if (format is { NarrowRange: true, Signedness: Signedness.Unsigned }
            && unit != QuantizerUnit.Sign)
            throw new InputException(node["narrow_range"]!.Error(
                "of values without a sign (supported: with signed: true)"));
        ConversionSpec target = RealConversion.Target(
            format, format.Signedness == Signedness.Signed);
        int zero = Integer(node, "zero_point");
        if (zero < target.Min || zero > target.Max)
            throw new InputException(node["zero_point"]!.Error(
                $"{zero} is outside of {target.Min}..{target.Max}"));
        if (unit == QuantizerUnit.Sign && (format.Bits != 2 || zero != 0
            || format.Signedness == Signedness.Unsigned))
            throw new InputException(node["unit"]!.Error(
                "signs are -1 and 1 (supported: bits: 2, signed: true, zero_point: 0)"));
        return new(
            Scale(node) with { ZeroPoint = zero },
            unit == QuantizerUnit.Shift
                ? IntegerKeys.Roundings[node.Text("rounding") ?? "TRN"]
                : RoundingMode.NearestTiesToEven,
            target)
        {
            Unit = unit,
        };
    }

    /// <summary>A whole number that is there.</summary>
    public static int Integer(MapNode node, string key) =>
        int.Parse(node.Text(key)!, CultureInfo.InvariantCulture);

    /// <summary>A number, if it is there.</summary>
    public static double? Real(MapNode node, string key) =>
        node.Text(key) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>Numbers, none where the key is not there.</summary>
    public static double[] Reals(MapNode node, string key) =>
        node[key] is ListNode list
            ? [.. list.Items.OfType<ScalarNode>()
                .Select(i => double.Parse(i.Text, CultureInfo.InvariantCulture))]
            : [];

    /// <summary>Whether a key is true.</summary>
    public static bool IsSet(MapNode node, string key) => node.Text(key) == "true";

    private static TensorScale Scale(MapNode node)
    {
        double? scale = Real(node, "scale");
        if (scale is null == (node["fraction_bits"] is null))
            throw new InputException(node.Error(
                "it needs one of scale and fraction_bits: what a raw step is in real numbers"));
        if (scale is not { } step) return TensorScale.PowerOfTwo(Integer(node, "fraction_bits"));
        TensorScale real = TensorScale.Real(step);
        return float.IsNormal((float)real.Step)
            ? real
            : throw new InputException(node["scale"]!.Error(
                FormattableString.Invariant($"{step} is not a float32 number")));
    }
}
