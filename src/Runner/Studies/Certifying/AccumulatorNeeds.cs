using QSim.Certificates.Bounds;
using QSim.Kernels.Datapath;
using QSim.Kernels.Ranges;

namespace QSim.Runner.Studies.Certifying;

/// <summary>What accumulators have to hold for the inputs of a box.</summary>
internal static class AccumulatorNeeds
{
    /// <summary>
    /// For each multiply-accumulate layer, the bits that hold every partial sum, in the order and
    /// with the lanes of the hardware, null where it lacks a sign; layers before it run as they
    /// are.
    /// </summary>
    /// <param name="program">The program.</param>
    /// <param name="tensors">A box for each of its tensors.</param>
    public static IEnumerable<(string Layer, int? Bits)> Of(
        QuantizedProgram program, IReadOnlyList<TensorBox> tensors) =>
        from layer in program.Layers.OfType<MacLayer>()
        let box = tensors[layer.Inputs[0]]
        let within = InputIntervals.Observed(layer.Input, [.. box.Low, .. box.High])
        select (layer.Name, ChannelRange.RequiredBitsOf(AccumulatorRanges.Of(layer, within)));
}
