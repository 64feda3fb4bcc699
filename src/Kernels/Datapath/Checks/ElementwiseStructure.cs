using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>Whether layers that work value by value are put together correctly.</summary>
internal static class ElementwiseStructure
{
    public static string? WhyNot(ClampLayer layer, TensorType[] inputs) =>
        inputs.Length != 1
        || inputs[0].Shape != layer.Output.Shape
        || !ProgramStructure.SameRange(inputs[0], layer.Output)
            ? "a clamp keeps shape and type"
        : layer.Min > layer.Max
        || layer.Min > layer.Output.MaxRaw
        || layer.Max < layer.Output.MinRaw
            ? "the clamp's range is empty"
        : null;

    public static string? WhyNot(LookupLayer layer) =>
        layer.Input.Shape != layer.Output.Shape ? "a table keeps the shape"
        : layer.Table.IsDefaultOrEmpty ? "the table is empty"
        : layer.Index.Denominator is < 1 or > 1L << 31 ? "the index's denominator must be 1..2^31"
        : layer.Index.Rounding == RoundingMode.Stochastic ? "an index cannot be rounded at random"
        : SpecStructure.WhyNot("output", layer.Conversion, layer.Output);

    public static string? WhyNot(SoftmaxLayer layer) =>
        layer.Input.Shape != layer.Output.Shape
            ? "softmax keeps the shape"
            : (
                layer.Kind == SoftmaxKind.Stable
                    ? SpecStructure.WhyNot("difference", layer.Difference)
                    : null
            )
                ?? SpecStructure.WhyNot("exponential", layer.Exponential)
                ?? SpecStructure.WhyNot("sum", layer.Sum)
                ?? SpecStructure.WhyNot("inverse", layer.InverseInput)
                ?? SpecStructure.WhyNot("output", layer.Product, layer.Output)
                ?? WhyNotTable("exponentials", layer.ExpTable.Length, layer.AddressBits)
                ?? WhyNotTable("reciprocals", layer.InverseTable.Length, layer.InverseInput.Bits);

    public static string? WhyNot(AddLayer layer, TensorType[] inputs) =>
        inputs.Any(i => i.Shape != layer.Output.Shape) ? "operands and output must have one shape"
        : layer.Operands.Length != inputs.Length
            ? $"{layer.Operands.Length} scalings for {inputs.Length} inputs"
        : layer.Operands.Any(o => o.MultiplierShift < 0)
            ? "a shift after a multiplier must be 0 or more"
        : MacStructure.WhyNot(layer.Requantization, layer.Output);

    public static string? WhyNot(ConcatLayer layer, TensorType[] inputs)
    {
        TensorShape to = layer.Output.Shape;
        return inputs.Any(i => i.Shape.Rows != to.Rows || i.Shape.Columns != to.Columns)
                || inputs.Sum(i => i.Shape.Channels) != to.Channels
                ? "rows and columns must agree and channels add up"
            : layer.Parts.Length != inputs.Length
                ? $"{layer.Parts.Length} parts for {inputs.Length} inputs"
            : layer.Parts.Any(p => p.Scaling.MultiplierShift < 0)
                ? "a shift after a multiplier must be 0 or more"
            : layer
                .Parts.Select(p => MacStructure.WhyNot(p.Requantization, layer.Output))
                .FirstOrDefault(p => p is not null);
    }

    private static string? WhyNotTable(string what, int length, int addressBits) =>
        length < 1 || !int.IsPow2(length) ? $"{length} {what}: their number must be a power of two"
        : int.Log2(length) > addressBits
            ? $"{length} {what} cannot be addressed by {addressBits} bits"
        : null;
}
