namespace QSim.Kernels.Datapath;

/// <summary>Whether a program is put together correctly: order, shapes, lengths, ranges.</summary>
internal static class ProgramStructure
{
    /// <summary>Null when it is, else the first thing that is not.</summary>
    public static string? WhyNot(QuantizedProgram program)
    {
        if (program.Layers.IsDefaultOrEmpty) return $"program '{program.Name}' has no layers";
        if (TypeProblem(program.Input.Type) is { } wrong) return $"program input: {wrong}";
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

        return null;
    }

    private static string? TypeProblem(TensorType type) =>
        type.Bits is < 1 or > 32 ? $"{type.Bits} bits per value (supported: 1..32)"
        : type.ZeroPoint < type.MinRaw || type.ZeroPoint > type.MaxRaw
            ? "the zero point is outside the range"
        : type.Shape.Channels < 1 || type.Shape.Rows < 1 || type.Shape.Columns < 1
            ? $"the shape {type.Shape} holds no values"
        : null;

    private static string? LayerProblem(ProgramLayer layer, TensorType[] inputs) =>
        layer switch
        {
            MacLayer mac => ReadsOther(mac.Input, inputs) ?? MacStructure.WhyNot(mac),
            MaxPoolLayer pool => ReadsOther(pool.Input, inputs)
                ?? WindowStructure.WhyNotPool(pool.Geometry, pool.Input, pool.Output)
                ?? (SameRange(pool.Input, pool.Output) ? null : "a maximum keeps the type"),
            AveragePoolLayer pool => ReadsOther(pool.Input, inputs)
                ?? WindowStructure.WhyNotPool(pool.Geometry, pool.Input, pool.Output),
            ClampLayer clamp => ElementwiseStructure.WhyNot(clamp, inputs),
            ReshapeLayer => inputs.Length == 1
            && inputs[0].Shape.Length == layer.Output.Shape.Length
            && SameRange(inputs[0], layer.Output)
                ? null
                : "a reshape keeps length and type",
            LookupLayer lookup => ReadsOther(lookup.Input, inputs)
                ?? ElementwiseStructure.WhyNot(lookup),
            SoftmaxLayer softmax => ReadsOther(softmax.Input, inputs)
                ?? ElementwiseStructure.WhyNot(softmax),
            AddLayer add => ElementwiseStructure.WhyNot(add, inputs),
            ConcatLayer concat => ElementwiseStructure.WhyNot(concat, inputs),
            _ => "its type is unknown",
        };

    /// <summary>True when two tensors hold the same raw values.</summary>
    internal static bool SameRange(TensorType a, TensorType b) =>
        a.Bits == b.Bits && a.IsSigned == b.IsSigned;

    private static string? ReadsOther(TensorType stated, TensorType[] inputs) =>
        inputs.Length != 1 ? $"reads {inputs.Length} tensors where 1 is needed"
        : stated != inputs[0] ? $"states the input {stated} and reads {inputs[0]}"
        : null;
}
