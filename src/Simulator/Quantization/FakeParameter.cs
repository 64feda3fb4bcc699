using System.Collections.Immutable;

namespace QSim.Simulator.Quantization;

/// <summary>
/// How one array of parameters, weights or biases, is seen by the forward pass of training.
/// </summary>
/// <param name="Channels">
/// One quantizer for the whole array, or one per output channel, its values together.
/// </param>
/// <param name="IsFixed">
/// Whether the format's range is fixed, so that parameters outside it are of no use.
/// </param>
internal sealed record FakeParameter(ImmutableArray<FakeQuantizer> Channels, bool IsFixed)
{
    /// <summary>Effectively computes the hardware's value of every parameter.</summary>
    /// <param name="master">The parameters that training changes.</param>
    /// <param name="seen">Filled with what the forward pass computes with.</param>
    public void Apply(ReadOnlySpan<float> master, Span<float> seen)
    {
        int depth = master.Length / Channels.Length;
        for (int c = 0; c < Channels.Length; c++)
            Channels[c].Apply(master.Slice(c * depth, depth), seen.Slice(c * depth, depth));
    }
}
