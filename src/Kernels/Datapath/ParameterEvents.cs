namespace QSim.Kernels.Datapath;

/// <summary>
/// What it cost to turn one layer's real parameters into raw ones. Backends count what happens to
/// values on the way; this happened once, when the program was made, and is in every result.
/// </summary>
/// <param name="Layer">Index of the layer in its program.</param>
/// <param name="Stage">
/// <see cref="Weight"/>, <see cref="Channel"/>, <see cref="Bias"/>, <see cref="Multiplier"/> or
/// <see cref="Table"/>.
/// </param>
/// <param name="Overflowed">
/// Parameters outside their format's range, which saturated or wrapped; of multipliers, those too
/// small for the hardware's, which became 0; of channels, those whose weights all became 0.
/// </param>
/// <param name="Count">Parameters of that stage.</param>
public readonly record struct ParameterEvents(int Layer, string Stage, long Overflowed, long Count)
{
    /// <summary>Raw weights.</summary>
    public const string Weight = "weight";

    /// <summary>Output channels: not all of their real weights are 0.</summary>
    public const string Channel = "channel";

    /// <summary>Raw biases, input zero points folded in.</summary>
    public const string Bias = "bias";

    /// <summary>Requantization multipliers.</summary>
    public const string Multiplier = "multiplier";

    /// <summary>Entries of lookup tables.</summary>
    public const string Table = "table";

    /// <summary>Every stage, in the order of the tables.</summary>
    public static IReadOnlyList<string> Stages { get; } =
        [Weight, Channel, Bias, Multiplier, Table];
}
