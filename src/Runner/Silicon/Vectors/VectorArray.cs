using QSim.Runner.Conformance;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Silicon.Vectors;

/// <summary>What an array of golden vectors is for.</summary>
internal enum VectorRole
{
    /// <summary>Weights, biases, multipliers, tables.</summary>
    Parameter,

    /// <summary>What goes in.</summary>
    Stimulus,

    /// <summary>What a register must hold, or the flags that it must raise.</summary>
    Register,
}

/// <summary>One array of golden vectors.</summary>
/// <param name="Name">In npz, for example <c>conv1.accumulator</c>.</param>
/// <param name="Stem">Its files' name without ending.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Axes">What its indices count; the last runs fastest.</param>
/// <param name="Array">The values.</param>
/// <param name="Bits">Width of a value.</param>
/// <param name="IsSigned">Whether it is two's complement.</param>
internal sealed record VectorArray(
    string Name, string Stem, VectorRole Role, IReadOnlyList<string> Axes, NpyArray Array,
    int Bits, bool IsSigned)
{
    /// <summary>Whether its values are floating-point numbers, in hex by their IEEE 754 bits.
    /// </summary>
    public bool IsReal => Array.Type[1] == 'f';

    /// <summary>A register's array.</summary>
    public static VectorArray Of(Register register, string stem, VectorRole role, int images)
    {
        string[] steps = register.Step is { } step ? [step] : [];
        int[] shape =
        [
            images, register.Shape.Channels, register.Shape.Rows, register.Shape.Columns,
            .. steps.Select(_ => register.Steps),
        ];
        return new(
            register.Name, stem, role, [.. VectorSet.OutputAxes, .. steps],
            NpyArray.Of(register.Values, shape), register.Bits, register.IsSigned);
    }
}
