using System.Globalization;
using QSim.Kernels.Datapath;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Sweeps;
using QSim.Simulator.Profiles.Describing;

namespace QSim.Runner.Search.Sensitivity;

/// <summary>One stage of one layer, a bit narrower than it is.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Stage">weight, activation, product, accumulator or table.</param>
/// <param name="Bits">What it has; of tables the number of entries.</param>
/// <param name="Setting">What makes it narrower.</param>
internal sealed record NarrowerStage(string Layer, string Stage, int Bits, SweepSetting Setting)
{
    /// <summary>As a name: <c>conv1 weight 8 to 7</c>.</summary>
    public string Name => $"{Layer} {Stage} {Bits} to {Setting.Value}";

    /// <summary>Every stage of every layer that has one, in the program's order.</summary>
    /// <param name="program">The network on the profile.</param>
    /// <param name="start">The profile.</param>
    public static IReadOnlyList<NarrowerStage> Of(QuantizedProgram program, StudyProfile start)
    {
        var keys = ResolvedProfile.Keys(start.Profile).DistinctBy(k => k.Path)
            .ToDictionary(k => k.Path, k => k.Value);
        return [.. program.Layers.SelectMany(l => Of(l, keys))];
    }

    private static IEnumerable<NarrowerStage> Of(
        ProgramLayer layer, Dictionary<string, string> keys) => layer switch
        {
            // A name that a key could not hold has no key of its own.
            _ when layer.Name.Contains(']') => [],
            MacLayer mac =>
            [
                Of(layer, "weight", "weight.bits", mac.WeightBits),
                Of(layer, "activation", "activation.bits", mac.Output.Bits),
                .. mac.Mac.ProductStage == ProductStage.Converted
                    ? [Of(layer, "product", "mac.product.bits", mac.Mac.Product.Bits)]
                    : Array.Empty<NarrowerStage>(),
                Of(layer, "accumulator", "mac.accumulator.bits", mac.Mac.Update.Bits),
            ],
            LookupLayer lookup when HasEntries(lookup, keys) =>
            [
                Of(
                    layer, "table", "table.entries", lookup.Table.Length,
                    lookup.Table.Length / 2),
            ],

            // Values of these are their inputs', widths beside them none that a profile states.
            LookupLayer or AddLayer or MultiplyLayer or ConcatLayer or ClampLayer or ReshapeLayer
                or RearrangeLayer or MaxPoolLayer or AveragePoolLayer or SoftmaxLayer
                or ResizeLayer => [],

            // float32 has no bits to spare.
            RangeLayer or DynamicQuantizeLayer or DynamicRescaleLayer or FloatAddLayer
                or FloatAffineLayer or FloatAverageLayer or FloatMultiplyLayer or FloatPointLayer
                or FloatDivideLayer
                or FloatProductSumLayer or FloatSoftmaxLayer or FloatDequantizeLayer
                or FloatQuantizeLayer or FloatNormLayer or FloatMacLayer or FloatResizeLayer => [],
            _ => throw UnknownLayer.Of(layer, "no list of what may be narrower"),
        };

    /// <summary>
    /// Whether a profile says how many entries there are: where it does not, there is one for each
    /// raw value. Layers may differ from the profile's own table.
    /// </summary>
    private static bool HasEntries(LookupLayer lookup, Dictionary<string, string> keys)
    {
        bool isOnePerValue = lookup.Table.Length == lookup.Input.MaxRaw - lookup.Input.MinRaw + 1L
            && lookup.Index is { Numerator: 1, Addend: 0, Denominator: 1 };
        return !isOnePerValue
            || (keys.TryGetValue("table.entries", out string? text)
                && text == lookup.Table.Length.ToString(CultureInfo.InvariantCulture));
    }

    private static NarrowerStage Of(
        ProgramLayer layer, string stage, string key, int bits, int? narrower = null) => new(
            layer.Name, stage, bits,
            new(
                $"layers[name={layer.Name}].{key}",
                (narrower ?? bits - 1).ToString(CultureInfo.InvariantCulture)));
}
