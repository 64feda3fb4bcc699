using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Keys;

namespace QSim.Simulator.Profiles;

/// <summary>Tables and softmax: what does not go together.</summary>
internal static class FunctionChecks
{
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
            if (stage.Entry is { } register)
                Entries((MapNode)table["entry"]!, register, errors);
            if (table["values"] is ScalarNode { Text: not FunctionKeys.Computed } values)
                Values(values, stage, errors);
        }

        if (stages["softmax"] is not MapNode softmax || layer.Softmax!.Kind > SoftmaxKind.Stable)
            return;
        if (!BitOperations.IsPow2(layer.Softmax!.Entries))
            errors.Add(softmax["entries"]!.Error($"{layer.Softmax.Entries} is not a power of two"));
        SoftmaxStage parts = layer.Softmax;
        Modes("difference", parts.Difference);
        Modes("sum", parts.Sum);
        Modes("inverse_input", parts.InverseInput);
        Entries((MapNode)softmax["exponential"]!, parts.Exponential, errors);
        Entries((MapNode)softmax["inverse"]!, parts.Inverse, errors);

        void Modes(string part, RegisterFormat? register)
        {
            if (register is not null)
                ModeChecks.Modes((MapNode)softmax[part]!, register.Format, errors);
        }
    }

    private static void Values(ScalarNode node, TableStage stage, List<InputError> errors)
    {
        if (TableValues.Parse(node.Text, out string? error) is not { } values)
            errors.Add(node.Error(error!));
        else if (values.Length != stage.Entries)
            errors.Add(node.Error($"{values.Length} values for {stage.Entries} entries"));
    }

    private static void Entries(
        MapNode map, RegisterFormat register, List<InputError> errors)
    {
        ModeChecks.Modes(map, register.Format, errors);
        if (register.Rounding == RoundingMode.Stochastic)
            errors.Add(
                map["rounding"]!.Error(
                    "STOCHASTIC does not apply to tables: they are rounded once"));
    }
}
