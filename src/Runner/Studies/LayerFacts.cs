using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Kernels.Ranges;
using QSim.Simulator;

namespace QSim.Runner.Studies;

/// <summary>
/// What one multiply-accumulate layer costs on a profile's hardware, and what its accumulator has
/// to hold.
/// </summary>
/// <param name="Seed">The seed.</param>
/// <param name="Profile">The profile.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Macs">Multiply-accumulates per image.</param>
/// <param name="Depth">Products per output element.</param>
/// <param name="WeightBits">Width of a weight.</param>
/// <param name="InputBits">Width of an activation that goes in.</param>
/// <param name="OutputBits">Width of an activation that comes out.</param>
/// <param name="AccumulatorBits">Width of the accumulator.</param>
/// <param name="Overflow">What it does when it overflows, as profiles spell it.</param>
/// <param name="NeedsAny">
/// Bits that hold every partial sum of every channel, in this order and with these lanes, whatever
/// the input; null where the accumulator is unsigned and sums are below 0, which no width holds.
/// </param>
/// <param name="NeedsCalibration">
/// The same for inputs within the intervals that the calibration images span.
/// </param>
/// <param name="L1Bits">
/// Bits that the weights' L1 norm asks for (A2Q's bound, bias not counted).
/// </param>
/// <param name="Channels">Output channels.</param>
/// <param name="CanOverflow">
/// Channels that some input overflows (or might, where intervals are bounds).
/// </param>
/// <param name="CanOverflowInCalibration">The same within the calibration's intervals.</param>
internal sealed record LayerFacts(
    ulong Seed, string Profile, string Layer, long Macs, int Depth, int WeightBits, int InputBits,
    int OutputBits, int AccumulatorBits, string Overflow, int? NeedsAny, int? NeedsCalibration,
    int L1Bits, int Channels, int CanOverflow, int CanOverflowInCalibration)
{
    /// <summary>
    /// Multiply-accumulates times the bits of both factors: what an array of one-bit multipliers
    /// would do.
    /// </summary>
    public long BitOperations => Macs * WeightBits * InputBits;

    /// <summary>
    /// Bits to spare, whatever the input; below 0 where it can overflow, null where it lacks a
    /// sign.
    /// </summary>
    public int? Headroom => AccumulatorBits - NeedsAny;

    /// <summary>Every multiply-accumulate layer of a program.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="simulation">The program.</param>
    /// <param name="calibration">The images that scales were calibrated on.</param>
    public static IReadOnlyList<LayerFacts> Of(
        ulong seed, string profile, Simulation simulation, ReadOnlySpan<float> calibration)
    {
        MacLayer[] layers = [.. simulation.Program.Layers.OfType<MacLayer>()];
        var intervals = SeenInputs.Of(simulation, calibration);
        return
        [
            .. layers.Select(l => Of(
                seed, profile, l, AccumulatorRanges.Of(l),
                AccumulatorRanges.Of(l, intervals[l.Inputs[0]]))),
        ];
    }

    private static LayerFacts Of(
        ulong seed, string profile, MacLayer layer, ChannelRange[] any, ChannelRange[] seen) =>
        new(
            seed, profile, layer.Name, (long)layer.Depth * layer.Output.Shape.Length, layer.Depth,
            layer.WeightBits, layer.Input.Bits, layer.Output.Bits, layer.Mac.Update.Bits,
            ModeNames.Of(layer.Mac.Update.Overflow), ChannelRange.RequiredBitsOf(any),
            ChannelRange.RequiredBitsOf(seen), any.Max(c => c.L1Bits), any.Length,
            any.Count(c => c.CanOverflow), seen.Count(c => c.CanOverflow));
}
