using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>
/// Intervals of every tensor of a program, from a box of raw inputs forward, in integers all
/// through.
/// </summary>
public sealed class ProgramBounds
{
    private readonly LayerBound[] _layers;

    /// <summary>Works out what does not depend on the box.</summary>
    /// <exception cref="NotSupportedException">
    /// There is nothing to prove of the program: <see cref="WhyNot"/>.
    /// </exception>
    public ProgramBounds(QuantizedProgram program)
    {
        if (WhyNot(program) is { } reason) throw new NotSupportedException(reason);
        Program = program;
        _layers = [.. program.Layers.Select(l => Bound(program, l)!)];
        long values = program.Input.Type.Shape.Length
            + program.Layers.Sum(l => (long)l.Output.Shape.Length);
        RelativeError = Math.ScaleB(64 + _layers.Sum(l => (long)l.Fan) + (8 * values), -52);
    }

    /// <summary>The program.</summary>
    public QuantizedProgram Program { get; }

    internal IReadOnlyList<LayerBound> Layers => _layers;

    /// <summary>
    /// Twice N * 2^-53, with N more than any sum of a backward pass has terms.
    /// </summary>
    internal double RelativeError { get; }

    /// <summary>Null when something can be proved of a program, else why nothing can.</summary>
    public static string? WhyNot(QuantizedProgram program) =>
        program.Layers.FirstOrDefault(l => l.IsStochastic) is { } layer
            ? $"layer '{layer.Name}' rounds at random: it decides by chance, and nothing is "
                + "certain of it"
        : program.IsStochastic
            ? "the input is rounded at random, so that nothing is certain of it"
        : ProgramLimits.WhyNot(program)
            ?? (program.Layers.FirstOrDefault(l => Bound(program, l) is null) is { } unbounded
                ? $"layer '{unbounded.Name}' has no bounds here: it computes in float32, or finds "
                    + "or uses a scale of each image"
                : null);

    private static LayerBound? Bound(QuantizedProgram program, ProgramLayer layer) =>
        LayerBounds.Of(layer, [.. layer.Inputs.Select(program.Tensor)]);

    /// <summary>A box for each tensor: the input's own, then the output of each layer.</summary>
    public IReadOnlyList<TensorBox> Forward(TensorBox input)
    {
        Stage[] stages = Stages(input);
        return [input, .. stages.Select(s => s.Output)];
    }

    /// <summary>What each layer makes of a box of inputs.</summary>
    internal Stage[] Stages(TensorBox input)
    {
        if (input.Length != Program.Input.Type.Shape.Length)
            throw new ArgumentException(
                $"a box of {input.Length} values where the input has "
                    + $"{Program.Input.Type.Shape.Length}");
        var stages = new Stage[_layers.Length];
        for (int i = 0; i < stages.Length; i++)
            stages[i] = _layers[i].Forward(
                [.. _layers[i].Layer.Inputs.Select(t => t == 0 ? input : stages[t - 1].Output)]);
        return stages;
    }
}
