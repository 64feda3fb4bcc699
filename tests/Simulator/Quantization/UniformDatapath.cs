using QSim.Simulator.Profiles;

namespace QSim.Simulator.Tests.Quantization;

/// <summary>A datapath with the same stages for every layer, made without YAML.</summary>
internal sealed class UniformDatapath(ValueFormat input, LayerDatapath stages) : Datapath
{
    public override string Name => "uniform";

    internal override ValueFormat Input => input;

    /// <summary>The stages of ReLUs, where they are others.</summary>
    public LayerDatapath? Relu { get; init; }

    internal override LayerDatapath For(string kind, string name, bool isLast) =>
        kind == "relu" && Relu is not null ? Relu : stages;

    /// <summary>Calibrated formats of the given width everywhere, a wide accumulator.</summary>
    public static UniformDatapath Wide(
        int bits, ScaleKind scale, RequantizeKind kind, bool affine = false,
        ZeroPointHandling zero = default)
    {
        var value = new ValueFormat { Bits = bits, Signedness = Signedness.Signed, Scale = scale };
        return new(
            value with { Affine = affine },
            new LayerDatapath
            {
                Weight = value,
                Accumulator = new() { Bits = kind == RequantizeKind.MultiplierDouble ? 32 : 52 },
                Requantize = new()
                {
                    Kind = kind,
                    MultiplierBits = kind == RequantizeKind.MultiplierSingle ? 12 : 32,
                },
                Output = value with { Affine = affine },
                ZeroPoint = zero,
            });
    }
}
