using System.Globalization;
using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Keys;

namespace QSim.Simulator.Profiles;

/// <summary>
/// The stages of tables and softmax: resolved nodes to types, and what does not go together.
/// </summary>
internal static class FunctionBinder
{
    /// <summary>A table of a function.</summary>
    public static TableStage Table(MapNode map) =>
        new()
        {
            Entries = Integer(map, "entries"),
            Low = Real(map, "low"),
            High = Real(map, "high"),
            Index = map.Text("index") switch
            {
                "toward_zero" => TableIndexRule.TowardZero,
                "nearest" => TableIndexRule.Nearest,
                "hls4ml" => TableIndexRule.Hls4ml,
                _ => TableIndexRule.Floor,
            },
            Entry = map["entry"] is MapNode entry ? Register(entry) : null,
            Values = map.Text("values") is { } values and not FunctionKeys.Computed
                ? TableValues.Parse(values, out _)
                : null,
        };

    /// <summary>Softmax by two tables.</summary>
    public static SoftmaxStage Softmax(MapNode map) =>
        new()
        {
            Kind = map.Text("kind") == "stable" ? SoftmaxKind.Stable : SoftmaxKind.Latency,
            Entries = Integer(map, "entries"),
            // Kind latency has no difference, and nothing reads it there.
            Difference = Register((MapNode)(map["difference"] ?? map["inverse_input"])!),
            Exponential = Register((MapNode)map["exponential"]!),
            Sum = Register((MapNode)map["sum"]!),
            InverseInput = Register((MapNode)map["inverse_input"]!),
            Inverse = Register((MapNode)map["inverse"]!),
        };

    /// <summary>What is legal key by key and does not go together.</summary>
    public static void Check(MapNode stages, LayerDatapath layer, List<InputError> errors)
    {
        if (stages["table"] is MapNode table)
        {
            TableStage stage = layer.Table!;
            if (stage.Low >= stage.High)
                errors.Add(table["high"]!.Error("must be above low"));
            if (stage.Index == TableIndexRule.Hls4ml
                && (stage.Low != -stage.High || stage.Entries % 2 != 0))
                errors.Add(
                    table["index"]!.Error("hls4ml needs low: -high and an even number of entries"));
            if (table["entry"] is MapNode entry)
                Entries(entry, errors);
            if (table["values"] is ScalarNode { Text: not FunctionKeys.Computed } values)
                Values(values, stage, errors);
        }

        if (stages["softmax"] is not MapNode softmax)
            return;
        if (!BitOperations.IsPow2(layer.Softmax!.Entries))
            errors.Add(softmax["entries"]!.Error($"{layer.Softmax.Entries} is not a power of two"));
        foreach (string part in new[] { "difference", "sum", "inverse_input" })
            if (softmax[part] is MapNode register)
                Modes(register, errors);
        foreach (string part in new[] { "exponential", "inverse" })
            Entries((MapNode)softmax[part]!, errors);
    }

    private static void Values(ScalarNode node, TableStage stage, List<InputError> errors)
    {
        if (TableValues.Parse(node.Text, out string? error) is not { } values)
            errors.Add(node.Error(error!));
        else if (values.Length != stage.Entries)
            errors.Add(node.Error($"{values.Length} values for {stage.Entries} entries"));
    }

    private static void Modes(MapNode register, List<InputError> errors) =>
        StageChecks.Modes(
            register, Integer(register, "bits"), register.Text("signed") == "true", errors);

    private static void Entries(MapNode register, List<InputError> errors)
    {
        Modes(register, errors);
        if (register.Text("rounding") == "STOCHASTIC")
            errors.Add(
                register["rounding"]!.Error(
                    "STOCHASTIC does not apply to tables: they are rounded once"));
    }

    private static RegisterFormat Register(MapNode map) =>
        new(
            new FixedFormat(
                Integer(map, "bits"), Integer(map, "fraction_bits"), map.Text("signed") == "true"),
            ModeNames.Rounding(map.Text("rounding")!),
            ModeNames.Overflow(map.Text("overflow")!),
            map["saturation_bits"] is null ? 0 : Integer(map, "saturation_bits"));

    private static int Integer(MapNode map, string key) =>
        int.Parse(map.Text(key)!, CultureInfo.InvariantCulture);

    private static double Real(MapNode map, string key) =>
        double.Parse(map.Text(key)!, CultureInfo.InvariantCulture);
}
