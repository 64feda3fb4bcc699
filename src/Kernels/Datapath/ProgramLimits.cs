using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// Whether every exact intermediate of a program fits the 64 bits that backends compute in. The widths
/// follow from the formats alone, so that a program that passes is exact for every input.
/// </summary>
public static class ProgramLimits
{
    /// <summary>Width of the integers that hold intermediates.</summary>
    public const int MaxBits = 64;

    /// <summary>
    /// Null when the program is well formed and fits, else which layer and stage does not and what
    /// width it needs, as in <c>layer 'conv1': the exact product needs 65 bits (at most 64)</c>.
    /// </summary>
    public static string? WhyNot(QuantizedProgram program) =>
        ProgramStructure.WhyNot(program)
        ?? program.Layers.Select(WhyNot).FirstOrDefault(reason => reason is not null);

    /// <summary>The same for the widths of one layer.</summary>
    public static string? WhyNot(ProgramLayer layer)
    {
        (string Stage, int Bits) widest = Stages(layer).FirstOrDefault(s => s.Bits > MaxBits);
        return widest.Stage is null
            ? null
            : $"layer '{layer.Name}': {widest.Stage} needs {widest.Bits} bits (at most {MaxBits})";
    }

    private static IEnumerable<(string Stage, int Bits)> Stages(ProgramLayer layer) => layer switch
    {
        MacLayer mac => AccumulationStages(mac).Concat(mac.Requantization.SelectMany(
            r => RequantizationStages(r, ExactRange.Of(mac.Mac.Update)))),
        AveragePoolLayer pool =>
            [("the sum of a window",
                (ExactRange.Of(pool.Input) * (pool.Geometry.KernelRows * pool.Geometry.KernelColumns)).Bits)],
        _ => [],
    };

    private static IEnumerable<(string Stage, int Bits)> AccumulationStages(MacLayer layer)
    {
        MacSpec mac = layer.Mac;
        FixedFormat weight = new(layer.WeightBits, 0, layer.WeightsSigned);
        ExactRange product = (ExactRange.Of(layer.Input) + -mac.InputOffset) * ExactRange.Of(weight);
        yield return ("the exact product", product.Bits);
        if (mac.ProductStage == ProductStage.Converted) product = ExactRange.Of(mac.Product);

        int summed = mac.When == AccumulatorUpdate.End ? layer.Depth : ReductionPlan.LanesOf(layer);
        ExactRange partial = product * summed;
        yield return ($"the exact sum of {summed} products", partial.Bits);
        ExactRange accumulator = ExactRange.Of(mac.Update) << mac.AccumulatorAlign;
        yield return (
            "accumulator plus products at their common binary point",
            (accumulator + (partial << mac.PartialAlign)).Bits);
        if (mac.Bias == BiasPosition.Last && mac.When == AccumulatorUpdate.EveryUpdate)
            yield return ("accumulator plus bias", (accumulator + accumulator).Bits);
    }

    private static IEnumerable<(string Stage, int Bits)> RequantizationStages(
        Requantization spec, ExactRange accumulator)
    {
        switch (spec.Kind)
        {
            case RequantizationKind.MultiplierDouble:
                ExactRange shifted = accumulator << Math.Max(0, -spec.MultiplierShift);
                yield return ("accumulator times multiplier", (shifted * spec.Multiplier).Bits);
                break;
            case RequantizationKind.MultiplierSingle:
                yield return ("accumulator times multiplier", (accumulator * spec.Multiplier).Bits);
                break;
            case RequantizationKind.Shift:
                ExactRange aligned = accumulator << Math.Max(0, -spec.Output.Shift);
                yield return ("accumulator shifted to the output", (aligned + spec.ZeroPoint).Bits);
                break;
        }
    }
}
