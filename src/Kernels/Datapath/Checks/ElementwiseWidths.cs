using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>Widths of the exact intermediates of layers without weights.</summary>
internal static class ElementwiseWidths
{
    public static IEnumerable<(string Stage, int Bits)> Of(AveragePoolLayer layer)
    {
        int window = layer.Geometry.KernelRows * layer.Geometry.KernelColumns;
        yield return (
            "twice the sum of a window", (ExactRange.Of(layer.Input) * (2 * window)).Bits);
    }

    public static IEnumerable<(string Stage, int Bits)> Of(LookupLayer layer)
    {
        ExactRange raw = ExactRange.Of(layer.Input) + -layer.Index.Origin;
        ExactRange ratio = (raw * layer.Index.Numerator) + layer.Index.Addend;
        yield return ("the table index", (ratio + layer.Index.Offset).Bits);
    }

    public static IEnumerable<(string Stage, int Bits)> Of(SoftmaxLayer layer)
    {
        ExactRange sum = ExactRange.Of(layer.Sum);
        ExactRange exponential = ExactRange.Of(layer.Exponential);
        FixedFormat entry = new(32, 0, true);
        yield return (
            "the sum of two exponentials", (Hull(sum, exponential) + Hull(sum, exponential)).Bits);
        yield return ("exponential times reciprocal", (exponential * ExactRange.Of(entry)).Bits);
    }

    public static IEnumerable<(string Stage, int Bits)> Of(
        AddLayer layer, IReadOnlyList<TensorType> inputs)
    {
        ExactRange sum = 0;
        for (int i = 0; i < inputs.Count; i++)
        {
            foreach ((string Stage, int Bits) stage in Scaling(layer.Operands[i], inputs[i]))
                yield return stage;
            sum += Scaled(layer.Operands[i], inputs[i]);
        }

        yield return ("the exact sum", sum.Bits);
        foreach (
            (string Stage, int Bits) stage in MacWidths.Requantization(layer.Requantization, sum))
            yield return stage;
    }

    public static IEnumerable<(string Stage, int Bits)> Of(
        ConcatLayer layer, IReadOnlyList<TensorType> inputs) =>
        inputs.SelectMany(
            (input, i) =>
                Scaling(layer.Parts[i].Scaling, input)
                    .Concat(
                        MacWidths.Requantization(
                            layer.Parts[i].Requantization, Scaled(layer.Parts[i].Scaling, input))
                    )
        );

    private static IEnumerable<(string Stage, int Bits)> Scaling(
        InputScaling scaling, TensorType input)
    {
        ExactRange value = (ExactRange.Of(input) + -scaling.ZeroPoint) * scaling.Factor;
        yield return ("an input at the common scale", value.Bits);
        if (scaling.Multiplier != 0)
        {
            yield return (
                "an input times its multiplier",
                MacWidths.RoundedProduct(value, scaling.Multiplier, 31).Bits);
        }
    }

    /// <summary>A multiplier is a fraction: what it gives is no wider than what it took.</summary>
    private static ExactRange Scaled(InputScaling scaling, TensorType input) =>
        (ExactRange.Of(input) + -scaling.ZeroPoint) * scaling.Factor;

    private static ExactRange Hull(ExactRange a, ExactRange b) =>
        new(
            System.Numerics.BigInteger.Min(a.Low, b.Low),
            System.Numerics.BigInteger.Max(a.High, b.High));
}
