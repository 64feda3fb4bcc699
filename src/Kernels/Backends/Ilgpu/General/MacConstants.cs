using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>
/// What a multiply-accumulate layer keeps on the device, as <see cref="MacKernel"/> or
/// <see cref="FourMacKernel"/> reads it.
/// </summary>
/// <param name="layer">The layer.</param>
/// <param name="session">The device.</param>
/// <param name="fours">Whether each step has weights for a multiple of four channels.</param>
internal sealed class MacConstants(MacLayer layer, DeviceSession session, bool fours)
    : IDisposable
{
    /// <summary>The layer's sizes.</summary>
    public MacSizes Sizes { get; } = new(
        new(layer.Geometry, layer.Input.Shape, layer.Output.Shape, layer.Geometry.Groups),
        layer.Depth,
        layer.Facts.Lanes,
        layer.Input.ZeroPoint,
        layer.Mac.InputOffset);

    private readonly MemoryBuffer1D<int, Stride1D.Dense> _weights =
        session.Upload(WeightsByStep(layer, fours));

    private readonly MemoryBuffer1D<long, Stride1D.Dense> _bias =
        session.Upload(layer.Bias.ToArray());

    private readonly MemoryBuffer1D<Requantization, Stride1D.Dense> _requantization =
        session.Upload(layer.Requantization.ToArray());

    private readonly MemoryBuffer1D<Tap, Stride1D.Dense> _taps =
        session.Upload(Tap.Of(layer, layer.Depth));

    /// <summary>The constants and the inputs of one launch.</summary>
    public MacOperands With(ArrayView<int> input) =>
        new(input, _weights.View, _bias.View, _requantization.View, _taps.View);

    /// <summary>
    /// Weights of four filters at a time, where each step has a multiple of four.
    /// </summary>
    public ArrayView<FourInts> Fours => _weights.View.AsContiguous().Cast<FourInts>();

    /// <inheritdoc/>
    public void Dispose()
    {
        _weights.Dispose();
        _bias.Dispose();
        _requantization.Dispose();
        _taps.Dispose();
    }

    private static int[] WeightsByStep(MacLayer layer, bool fours)
    {
        int channels = layer.Output.Shape.Channels;
        const int Fours = FourMacKernel.Filters;
        int stride = fours ? (channels + Fours - 1) / Fours * Fours : channels;
        int[] order = ReductionPlan.WeightIndices(layer);
        var weights = new int[Datapath.Sizes.Weights(order.Length, stride)];
        for (int step = 0; step < order.Length; step++)
            for (int channel = 0; channel < channels; channel++)
                weights[(step * stride) + channel] = layer.Weights[
                    (channel * layer.Depth) + order[step]
                ];
        return weights;
    }
}
