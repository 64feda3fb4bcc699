namespace QSim.Kernels.Datapath;

/// <summary>
/// Whether every exact intermediate of a program fits the 64 bits that backends compute in. The
/// widths follow from formats and weights, so that a program that passes is exact for every input.
/// </summary>
internal static class ProgramLimits
{
    /// <summary>Width of the integers that hold intermediates.</summary>
    public const int MaxBits = 64;

    /// <summary>
    /// Null when the program is well formed and fits, else which layer and stage does not and what
    /// width it needs, as in <c>layer 'conv1': the exact product needs 65 bits (at most 64)</c>.
    /// </summary>
    public static string? WhyNot(QuantizedProgram program) =>
        IllFormed(program)
        ?? program.Layers
            .Select(l => WhyNot(l, [.. l.Inputs.Select(program.Tensor)]))
            .FirstOrDefault(reason => reason is not null);

    /// <summary>
    /// The same for the widths of one layer that reads tensors of the given types.
    /// </summary>
    public static string? WhyNot(ProgramLayer layer, IReadOnlyList<TensorType> inputs)
    {
        StageWidth widest = layer.Widths(inputs).FirstOrDefault(s => s.Bits > MaxBits);
        return widest.Stage is null
            ? null
            : $"layer '{layer.Name}': {widest.Stage} needs {widest.Bits} bits (at most {MaxBits})";
    }

    /// <summary>Order, shapes, lengths, ranges: the first thing that is wrong, if any.</summary>
    private static string? IllFormed(QuantizedProgram program)
    {
        if (program.Layers.IsDefaultOrEmpty) return $"program '{program.Name}' has no layers";
        if (IllFormed(program.Input.Type) is { } wrong) return $"program input: {wrong}";
        var names = new HashSet<string>();
        long values = program.Input.Type.Shape.Length;
        for (int i = 0; i < program.Layers.Length; i++)
        {
            ProgramLayer layer = program.Layers[i];
            if (!names.Add(layer.Name)) return $"two layers are called '{layer.Name}'";
            if (layer.Inputs.IsDefaultOrEmpty || layer.Inputs.Any(t => t < 0 || t > i))
                return $"layer '{layer.Name}' reads a tensor that does not exist before it";
            TensorType[] inputs = [.. layer.Inputs.Select(program.Tensor)];
            if ((IllFormed(layer.Output) ?? layer.WhyNot(inputs)) is { } problem)
                return $"layer '{layer.Name}': {problem}";
            if ((values += layer.Output.Shape.Length) > Sizes.MostNetworkValues)
                return $"layer '{layer.Name}': all tensors up to it hold {values} values (at most "
                    + $"{Sizes.MostNetworkValues})";
        }

        return null;
    }

    private static string? IllFormed(TensorType type) =>
        type.Bits is < 1 or > 32 ? $"{type.Bits} bits per value (supported: 1..32)"
        : type.ZeroPoint < type.MinRaw || type.ZeroPoint > type.MaxRaw
            ? "the zero point is outside the range"
        : type.Shape.Channels < 1 || type.Shape.Rows < 1 || type.Shape.Columns < 1
            ? $"the shape {type.Shape} holds no values"
        : Sizes.WhyNot(type.Shape);
}
