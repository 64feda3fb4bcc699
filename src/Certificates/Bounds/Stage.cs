using System.Diagnostics.CodeAnalysis;
using QSim.Certificates.Functions;

namespace QSim.Certificates.Bounds;

/// <summary>
/// One layer over a box: every output is a function of one argument, and the argument follows an
/// exact linear form of the layer's inputs, or lies in an interval and follows nothing.
/// </summary>
internal sealed class Stage
{
    /// <summary>Room for a number of outputs.</summary>
    public Stage(int outputs)
    {
        Argument = new(outputs);
        Output = new(outputs);
        (IsLinked, Constant) = (new bool[outputs], new double[outputs]);
        (Down, Up, Magnitude) = (new double[outputs], new double[outputs], new double[outputs]);
    }

    /// <summary>The same, with boxes of its own.</summary>
    [SetsRequiredMembers]
    public Stage(Stage other)
    {
        Argument = new([.. other.Argument.Low], [.. other.Argument.High]);
        Output = new([.. other.Output.Low], [.. other.Output.High]);
        (IsLinked, Constant) = (other.IsLinked, other.Constant);
        (Down, Up, Magnitude) = (other.Down, other.Up, other.Magnitude);
        (Function, Loose, LooseCount) = (other.Function, other.Loose, other.LooseCount);
    }

    /// <summary>What the functions are of: accumulators, sums, the values themselves.</summary>
    public TensorBox Argument { get; }

    /// <summary>What comes out.</summary>
    public TensorBox Output { get; set; }

    /// <summary>
    /// Whether the argument lies in <c>form + Constant - Down .. form + Constant + Up</c>, where
    /// form is what the layer's map makes of its inputs.
    /// </summary>
    public bool[] IsLinked { get; }

    /// <summary>Bias, zero points, padding and turns.</summary>
    public double[] Constant { get; }

    /// <summary>How far the argument may lie below.</summary>
    public double[] Down { get; }

    /// <summary>How far the argument may lie above.</summary>
    public double[] Up { get; }

    /// <summary>
    /// The sum of the absolute terms of the form, for any input of the box: what errors of
    /// floating point are relative to.
    /// </summary>
    public double[] Magnitude { get; }

    /// <summary>The function of each output's argument; null for none.</summary>
    public required Func<int, ScalarFunction?> Function { get; init; }

    /// <summary>Where any value of a format had to be taken; null for nowhere.</summary>
    public string? Loose { get; set; }

    /// <summary>Values that were taken so.</summary>
    public int LooseCount { get; set; }

    /// <summary>Notes that any value had to be taken.</summary>
    public void AddLoose(string stage)
    {
        Loose ??= stage;
        LooseCount++;
    }
}
