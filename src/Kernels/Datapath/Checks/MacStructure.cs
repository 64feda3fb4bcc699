using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>Whether a multiply-accumulate layer is put together correctly.</summary>
internal static class MacStructure
{
    /// <summary>Null when it is, else the first thing that is not.</summary>
    public static string? WhyNot(MacLayer layer) =>
        WindowStructure.WhyNot(layer.Geometry)
        ?? WhyNotShapes(layer)
        ?? WhyNotUnit(layer.Mac)
        ?? WhyNotValues(layer)
        ?? layer
            .Requantization.Select(r => WhyNot(r, layer.Output))
            .FirstOrDefault(p => p is not null);

    /// <summary>The same for one requantization.</summary>
    public static string? WhyNot(Requantization spec, TensorType output) =>
        SpecStructure.WhyNot("output", spec.Output, output)
        ?? (
            spec.ClampMin > spec.ClampMax ? "the fused activation's range is empty"
            : spec.Kind != RequantizationKind.Shift && spec.Output.Shift != 0
                ? "a multiplier does its own shifting"
            : spec.Kind == RequantizationKind.MultiplierSingle
            && spec.MultiplierShift is < 1 or > 63
                ? "the shift after a multiplier must be 1..63"
            : spec.Kind == RequantizationKind.MultiplierDouble && spec.MultiplierShift < -63
                ? "the shift before a multiplier must be at most 63"
            : null
        );

    private static string? WhyNotShapes(MacLayer layer)
    {
        WindowGeometry window = layer.Geometry;
        TensorShape from = layer.Input.Shape;
        TensorShape to = layer.Output.Shape;
        TensorShape shape = new(
            to.Channels, window.OutputRows(from.Rows), window.OutputColumns(from.Columns));
        return from.Channels % window.Groups != 0 || to.Channels % window.Groups != 0
                ? $"channels do not divide into {window.Groups} groups"
            : to != shape ? $"the output is {to} where the window gives {shape}"
            : layer.Weights.Length != to.Channels * layer.Depth
                ? $"{layer.Weights.Length} weights where {to.Channels} x {layer.Depth} are needed"
            : layer.Bias.Length != to.Channels
                ? $"{layer.Bias.Length} biases for {to.Channels} channels"
            : layer.Requantization.Length != to.Channels
                ? $"{layer.Requantization.Length} requantizations for {to.Channels} channels"
            : null;
    }

    private static string? WhyNotUnit(MacSpec mac) =>
        mac.Lanes < 0 || mac.Interleave < 1 ? "lanes must be 0 or more and interleave 1 or more"
        : mac.AccumulatorAlign is < 0 or > 63 || mac.PartialAlign is < 0 or > 63
            ? "binary points are more than 63 bits apart"
        : SpecStructure.WhyNot("accumulator", mac.Update)
            ?? (
                mac.ProductStage == ProductStage.Converted
                    ? SpecStructure.WhyNot("product", mac.Product)
                    : null
            );

    private static string? WhyNotValues(MacLayer layer)
    {
        if (layer.WeightBits is < 1 or > 32)
            return $"{layer.WeightBits} bits per weight (supported: 1..32)";
        FixedFormat weight = new(layer.WeightBits, 0, layer.WeightsSigned);
        ConversionSpec update = layer.Mac.Update;
        return layer.Weights.Any(w => w < weight.MinRaw || w > weight.MaxRaw)
                ? "a weight is outside its format"
            : layer.Bias.Any(b => b < update.Min || b > update.Max)
                ? "a bias is outside the accumulator"
            : null;
    }
}
