using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>Whether a program is put together correctly: order, shapes, lengths, ranges.</summary>
internal static class ProgramStructure
{
    /// <summary>Null when it is, else the first thing that is not.</summary>
    public static string? WhyNot(QuantizedProgram program)
    {
        if (program.Layers.IsDefaultOrEmpty) return $"program '{program.Name}' has no layers";
        var names = new HashSet<string>();
        for (int i = 0; i < program.Layers.Length; i++)
        {
            ProgramLayer layer = program.Layers[i];
            if (!names.Add(layer.Name)) return $"two layers are called '{layer.Name}'";
            if (layer.Inputs.IsDefaultOrEmpty || layer.Inputs.Any(t => t < 0 || t > i))
                return $"layer '{layer.Name}' reads a tensor that does not exist before it";
            TensorType[] inputs = [.. layer.Inputs.Select(program.Tensor)];
            if ((TypeProblem(layer.Output) ?? LayerProblem(layer, inputs)) is { } problem)
                return $"layer '{layer.Name}': {problem}";
        }

        return TypeProblem(program.Input.Type) is { } wrong ? $"program input: {wrong}" : null;
    }

    private static string? TypeProblem(TensorType type) =>
        type.Bits is < 1 or > 32 ? $"{type.Bits} bits per value (supported: 1..32)"
        : type.ZeroPoint < type.MinRaw || type.ZeroPoint > type.MaxRaw ? "the zero point is outside the range"
        : type.Shape.Length < 1 ? $"the shape {type.Shape} holds no values"
        : null;

    private static string? LayerProblem(ProgramLayer layer, TensorType[] inputs) => layer switch
    {
        MacLayer mac => ReadsOther(mac.Input, inputs) ?? MacProblem(mac),
        MaxPoolLayer pool => ReadsOther(pool.Input, inputs) ?? PoolProblem(pool.Geometry, pool.Input, pool.Output),
        AveragePoolLayer pool =>
            ReadsOther(pool.Input, inputs) ?? PoolProblem(pool.Geometry, pool.Input, pool.Output),
        ClampLayer => inputs[0].Shape == layer.Output.Shape ? null : "a clamp keeps the shape",
        ReshapeLayer => inputs[0].Shape.Length == layer.Output.Shape.Length ? null : "a reshape keeps the length",
        _ => "its type is unknown",
    };

    private static string? ReadsOther(TensorType stated, TensorType[] inputs) =>
        inputs.Length != 1 ? $"reads {inputs.Length} tensors where 1 is needed"
        : stated != inputs[0] ? $"states the input {stated} and reads {inputs[0]}"
        : null;

    private static string? PoolProblem(WindowGeometry window, TensorType input, TensorType output)
    {
        TensorShape shape = new(
            input.Shape.Channels, window.OutputRows(input.Shape.Rows), window.OutputColumns(input.Shape.Columns));
        if (GeometryProblem(window) is { } problem) return problem;
        if (output.Shape != shape) return $"the output is {output.Shape} where the window gives {shape}";
        bool rows = Enumerable.Range(0, shape.Rows).All(o => Enumerable.Range(0, window.KernelRows)
            .Any(k => window.InputRow(o, k) >= 0 && window.InputRow(o, k) < input.Shape.Rows));
        bool columns = Enumerable.Range(0, shape.Columns).All(o => Enumerable.Range(0, window.KernelColumns)
            .Any(k => window.InputColumn(o, k) >= 0 && window.InputColumn(o, k) < input.Shape.Columns));
        return rows && columns ? null : "a window covers nothing but padding";
    }

    private static string? MacProblem(MacLayer layer)
    {
        WindowGeometry window = layer.Geometry;
        TensorShape from = layer.Input.Shape;
        TensorShape to = layer.Output.Shape;
        TensorShape shape = new(to.Channels, window.OutputRows(from.Rows), window.OutputColumns(from.Columns));
        FixedFormat weight = new(layer.WeightBits, 0, layer.WeightsSigned);
        MacSpec mac = layer.Mac;
        if (layer.WeightBits is < 1 or > 32) return $"{layer.WeightBits} bits per weight (supported: 1..32)";
        return GeometryProblem(window)
            ?? (from.Channels % window.Groups != 0 || to.Channels % window.Groups != 0
                ? $"channels do not divide into {window.Groups} groups"
            : to != shape ? $"the output is {to} where the window gives {shape}"
            : layer.Weights.Length != to.Channels * layer.Depth
                ? $"{layer.Weights.Length} weights where {to.Channels} x {layer.Depth} are needed"
            : layer.Bias.Length != to.Channels || layer.Requantization.Length != to.Channels
                ? $"{layer.Bias.Length} biases and {layer.Requantization.Length} requantizations for {to.Channels} channels"
            : layer.Weights.Any(w => w < weight.MinRaw || w > weight.MaxRaw) ? "a weight is outside its format"
            : layer.Bias.Any(b => b < mac.Update.Min || b > mac.Update.Max) ? "a bias is outside the accumulator"
            : mac.Lanes < 0 || mac.Interleave < 1 ? "lanes must be 0 or more and interleave 1 or more"
            : mac.AccumulatorAlign is < 0 or > 63 || mac.PartialAlign is < 0 or > 63
                ? "binary points are more than 63 bits apart"
            : null)
            ?? SpecProblem("accumulator", mac.Update)
            ?? (mac.ProductStage == ProductStage.Converted ? SpecProblem("product", mac.Product) : null)
            ?? layer.Requantization.Select(r => RequantizationProblem(r, layer.Output)).FirstOrDefault(p => p != null);
    }

    private static string? GeometryProblem(WindowGeometry w) =>
        w.KernelRows < 1 || w.KernelColumns < 1 || w.StrideRows < 1 || w.StrideColumns < 1
        || w.DilationRows < 1 || w.DilationColumns < 1 || w.Groups < 1
            ? "kernel, stride, dilation and groups must be 1 or more"
        : w.PadTop < 0 || w.PadLeft < 0 || w.PadBottom < 0 || w.PadRight < 0 ? "padding must be 0 or more"
        : null;

    private static string? RequantizationProblem(Requantization spec, TensorType output) =>
        SpecProblem("output", spec.Output)
        ?? (spec.Output.Min < output.MinRaw || spec.Output.Max > output.MaxRaw
            ? "requantization leaves the output's range"
        : spec.ClampMin > spec.ClampMax ? "the fused activation's range is empty"
        : spec.Kind != RequantizationKind.Shift && spec.Output.Shift != 0 ? "a multiplier does its own shifting"
        : spec.Kind == RequantizationKind.MultiplierSingle && spec.MultiplierShift is < 1 or > 63
            ? "the shift after a multiplier must be 1..63"
        : spec.Kind == RequantizationKind.MultiplierDouble && spec.MultiplierShift < -63
            ? "the shift before a multiplier must be at most 63"
        : null);

    /// <summary>Null when a conversion's range, width and modes agree with each other.</summary>
    internal static string? SpecProblem(string stage, ConversionSpec spec)
    {
        if (spec.Bits is < 1 or > 64) return $"{stage}: {spec.Bits} bits (supported: 1..64)";
        FixedFormat whole = new(spec.Bits, 0, spec.IsSigned);
        bool wraps = spec.Overflow is OverflowMode.Wrap or OverflowMode.WrapSignMagnitude;
        return spec.Min < whole.MinRaw || spec.Max > whole.MaxRaw || spec.Min > spec.Max
                ? $"{stage}: the range {spec.Min}..{spec.Max} is no range of {spec.Bits} bits"
            : wraps && (spec.Min != whole.MinRaw || spec.Max != whole.MaxRaw)
                ? $"{stage}: wrapping needs the whole range of {spec.Bits} bits"
            : spec.SaturationBits < 0 || spec.SaturationBits > spec.Bits
                ? $"{stage}: {spec.SaturationBits} saturation bits in {spec.Bits}"
            : spec.Overflow == OverflowMode.WrapSignMagnitude && !spec.IsSigned
                ? $"{stage}: WRAP_SM is for signed formats"
            : null;
    }
}
