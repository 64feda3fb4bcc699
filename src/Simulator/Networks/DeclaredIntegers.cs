using System.Collections.Immutable;

namespace QSim.Simulator.Networks;

/// <summary>
/// What a file of ready-made integers says of a tensor beside its format: then the profile rounds
/// and fits, and has to have room for it.
/// </summary>
/// <param name="At">Where the file says it; its message is replaced.</param>
internal sealed record DeclaredFormat(InputError At)
{
    /// <summary>
    /// Of the input: how many of a byte's 256 values one raw step is; null where real pixels are
    /// divided by the scale.
    /// </summary>
    public double? Levels { get; init; }

    /// <summary>Of the input, with levels: the raw value of black.</summary>
    public int Black { get; init; }

    /// <summary>Of the input: whether quotients are rounded to float32 first.</summary>
    public bool HasFloat32Quotient { get; init; }
}

/// <summary>Which arrays a file of ready-made integers has for a requantization.</summary>
internal enum DeclaredKind
{
    Shift,

    /// <summary>Multipliers, and shifts after them.</summary>
    Multiplier,

    /// <summary>float32 scales, perhaps with float32 biases.</summary>
    Real,

    /// <summary>None: the sums are the output.</summary>
    None,
}

/// <summary>A requantization whose numbers are in a file.</summary>
/// <param name="At">Where the file says it; its message is replaced.</param>
/// <param name="Kind">Which arrays it has.</param>
internal sealed record DeclaredRequantization(InputError At, DeclaredKind Kind)
{
    /// <summary>One per channel: an accumulator is multiplied by it.</summary>
    public ImmutableArray<int> Multipliers { get; init; } = [];

    /// <summary>
    /// One per channel: how many bits are dropped, after a multiplier of the product.
    /// </summary>
    public ImmutableArray<int> Shifts { get; init; } = [];

    /// <summary>One per channel.</summary>
    public ImmutableArray<float> Scales { get; init; } = [];

    /// <summary>One per channel, added before the scale; empty for none.</summary>
    public ImmutableArray<float> Biases { get; init; } = [];

    /// <summary>
    /// Whether the file says the weights' steps; else they follow from the scales of input and
    /// output and the ratio between them.
    /// </summary>
    public bool HasSteps { get; init; }

    /// <summary>Output steps over accumulator steps, of one channel.</summary>
    public double Ratio(int channel) => Kind switch
    {
        DeclaredKind.Shift => Math.ScaleB(1, -Shifts[channel]),
        DeclaredKind.Multiplier => Math.ScaleB(Multipliers[channel], -Shifts[channel]),
        DeclaredKind.Real => Scales[channel],
        DeclaredKind.None => 1,
    };
}
