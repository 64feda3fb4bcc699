using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// How images become raw input: <c>Fit(Round(pixel / Step) + Black)</c>, a pixel in 0..1 and
/// normalised first where the host does that.
/// </summary>
/// <param name="Type">Type of the program's input.</param>
/// <param name="Rounding">Rounding of <c>pixel / Step</c>.</param>
/// <param name="Overflow">What happens outside the range.</param>
public sealed record InputStage(TensorType Type, RoundingMode Rounding, OverflowMode Overflow)
{
    /// <summary>n of WRAP; 0 otherwise.</summary>
    public int SaturationBits { get; init; }

    /// <summary>
    /// Where bytes go in: how many of a byte's 256 values one raw step is, so that the step is that
    /// over 255 of white. Null where real numbers are divided by the type's scale.
    /// </summary>
    public double? Levels { get; init; }

    /// <summary>
    /// The raw value of a black pixel where bytes go in. The type's zero point is that of the
    /// value 0, which a normalisation may have put elsewhere.
    /// </summary>
    public int Black { get; init; } = Type.ZeroPoint;

    /// <summary>
    /// Whether the quotient of a pixel and the type's scale is rounded to float32 before it is
    /// rounded to an integer, as in ONNX's QuantizeLinear. Scales that are powers of two make no
    /// difference.
    /// </summary>
    internal bool HasFloat32Quotient { get; init; }

    /// <summary>
    /// What the host does to the pixels of each channel before: <c>scale * pixel + shift</c>; empty
    /// for nothing.
    /// </summary>
    public ImmutableArray<(float Scale, float Shift)> Normalization { get; init; } = [];
}

/// <summary>
/// A network on a datapath: the layers that run, in an order in which every layer comes after those
/// it reads. What a backend executes; the last layer's output is the program's.
/// </summary>
/// <param name="Name">For messages: network and profile.</param>
/// <param name="Input">What goes in.</param>
/// <param name="Layers">At least one layer.</param>
/// <param name="Seed">Key of stochastic rounding; unused without it.</param>
public sealed record QuantizedProgram(
    string Name, InputStage Input, ImmutableArray<ProgramLayer> Layers, ulong Seed = 0)
{
    /// <summary>
    /// Per tensor of the program: the float network's tensor that it stands for (the one after the
    /// ReLU where one is fused), -1 where it stands for none. Empty when the program was not made
    /// from a network.
    /// </summary>
    public ImmutableArray<int> Sources { get; init; } = [];

    /// <summary>
    /// Whether anything rounds at random: then what comes out depends on an image's index too.
    /// </summary>
    public bool IsStochastic =>
        Input.Rounding == RoundingMode.Stochastic || Layers.Any(l => l.IsStochastic);

    /// <summary>What each tensor can hold: no more than its type, often less.</summary>
    public RawRange[] Ranges()
    {
        var ranges = new RawRange[Layers.Length + 1];
        ranges[0] = RawRange.Of(Input.Type);
        for (int i = 0; i < Layers.Length; i++)
        {
            RawRange written = Layers[i].OutputRange([.. Layers[i].Inputs.Select(t => ranges[t])]);
            ranges[i + 1] = written.Within(RawRange.Of(Layers[i].Output));
        }

        return ranges;
    }

    /// <summary>
    /// Parameters that did not fit their formats when the program was made; stages where all did
    /// are left out. No backend reads it.
    /// </summary>
    public ImmutableArray<ParameterEvents> ParameterEvents { get; init; } = [];

    /// <summary>Type of what comes out.</summary>
    public TensorType Output => Layers[^1].Output;

    /// <summary>
    /// Type of tensor <paramref name="index"/>: 0 is the input, i + 1 the output of layer i.
    /// </summary>
    public TensorType Tensor(int index) => index == 0 ? Input.Type : Layers[index - 1].Output;
}
