namespace QSim.Kernels.Datapath;

/// <summary>
/// Whether every exact intermediate of a program fits the 64 bits that backends compute in. The
/// widths follow from the formats alone, so that a program that passes is exact for every input.
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
        ?? program.Layers.Select(l => WhyNot(l, [.. l.Inputs.Select(program.Tensor)]))
            .FirstOrDefault(reason => reason is not null);

    /// <summary>
    /// The same for the widths of one layer that reads tensors of the given types.
    /// </summary>
    public static string? WhyNot(ProgramLayer layer, IReadOnlyList<TensorType> inputs)
    {
        (string Stage, int Bits) widest = Stages(layer, inputs)
            .FirstOrDefault(s => s.Bits > MaxBits);
        return widest.Stage is null
            ? null
            : $"layer '{layer.Name}': {widest.Stage} needs {widest.Bits} bits (at most {MaxBits})";
    }

    private static IEnumerable<(string Stage, int Bits)> Stages(
        ProgramLayer layer, IReadOnlyList<TensorType> inputs) => layer switch
    {
        MacLayer mac => MacWidths.Accumulation(mac).Concat(mac.Requantization.Distinct().SelectMany(
            r => MacWidths.Requantization(r, ExactRange.Of(mac.Mac.Update)))),
        AveragePoolLayer pool => ElementwiseWidths.Of(pool),
        LookupLayer lookup => ElementwiseWidths.Of(lookup),
        SoftmaxLayer softmax => ElementwiseWidths.Of(softmax),
        AddLayer add => ElementwiseWidths.Of(add, inputs),
        ConcatLayer concat => ElementwiseWidths.Of(concat, inputs),
        _ => [],
    };
}
