using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>
/// What a multiply-accumulate layer keeps on the device, as <see cref="MacKernel"/> reads it.
/// </summary>
internal sealed class MacConstants(MacLayer layer, DeviceSession session) : IDisposable
{
    /// <summary>The layer's sizes.</summary>
    public MacSizes Sizes { get; } = new(
        new(layer.Geometry, layer.Input.Shape, layer.Output.Shape, layer.Geometry.Groups),
        layer.Depth,
        MacModes.LanesOf(layer),
        layer.Input.ZeroPoint,
        layer.Mac.InputOffset);

    /// <summary>[step][output channel].</summary>
    public MemoryBuffer1D<int, Stride1D.Dense> Weights { get; } =
        session.Upload(WeightsByStep(layer));

    /// <summary>Per output channel.</summary>
    public MemoryBuffer1D<long, Stride1D.Dense> Bias { get; } =
        session.Upload(layer.Bias.ToArray());

    /// <summary>Per output channel.</summary>
    public MemoryBuffer1D<Requantization, Stride1D.Dense> Requantization { get; } =
        session.Upload(layer.Requantization.ToArray());

    /// <summary>Where each step reads.</summary>
    public MemoryBuffer1D<Tap, Stride1D.Dense> Taps { get; } =
        session.Upload(Tap.Of(layer, layer.Depth));

    /// <inheritdoc/>
    public void Dispose()
    {
        Weights.Dispose();
        Bias.Dispose();
        Requantization.Dispose();
        Taps.Dispose();
    }

    private static int[] WeightsByStep(MacLayer layer)
    {
        int channels = layer.Output.Shape.Channels;
        int[] order = ReductionPlan.WeightIndices(layer);
        var weights = new int[order.Length * channels];
        for (int step = 0; step < order.Length; step++)
        for (int channel = 0; channel < channels; channel++)
            weights[(step * channels) + channel] = layer.Weights[
                (channel * layer.Depth) + order[step]
            ];
        return weights;
    }
}
