using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>A convolution or dense layer by <see cref="MacKernel"/>: any datapath.</summary>
internal sealed class MacDeviceLayer : DeviceLayer
{
    private readonly MacLayer _layer;
    private readonly KernelSet _kernels;
    private readonly MacSizes _sizes;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _weights;
    private readonly MemoryBuffer1D<long, Stride1D.Dense> _bias;
    private readonly MemoryBuffer1D<Requantization, Stride1D.Dense> _requantization;
    private readonly MemoryBuffer1D<Tap, Stride1D.Dense> _taps;

    public MacDeviceLayer(MacLayer layer, DeviceSession session)
    {
        _layer = layer;
        _kernels = session.Kernels;
        _sizes = new(
            new(layer.Geometry, layer.Input.Shape, layer.Output.Shape, layer.Geometry.Groups),
            layer.Depth,
            MacModes.LanesOf(layer),
            layer.Input.ZeroPoint,
            layer.Mac.InputOffset);
        _weights = session.Accelerator.Allocate1D(WeightsByStep(layer));
        _bias = session.Accelerator.Allocate1D(layer.Bias.ToArray());
        _requantization = session.Accelerator.Allocate1D(layer.Requantization.ToArray());
        _taps = session.Accelerator.Allocate1D(Tap.Of(layer));
    }

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch)
    {
        MacModes modes = MacModes.Of(_layer, launch.CollectsEvents == 1);
        int threads = launch.Images * _layer.Output.Shape.Length;
        if (_kernels.Specializes)
        {
            _kernels.Mac(
                launch.Stream, threads, launch.Inputs[0], _weights.View, _bias.View, _requantization.View,
                _taps.View, launch.Output, launch.Events, _sizes, launch.Key, SpecializedValue.New(modes));
        }
        else
        {
            _kernels.AnyMac(
                launch.Stream, threads, launch.Inputs[0], _weights.View, _bias.View, _requantization.View,
                _taps.View, launch.Output, launch.Events, _sizes, launch.Key, modes);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _weights.Dispose();
        _bias.Dispose();
        _requantization.Dispose();
        _taps.Dispose();
    }

    private static int[] WeightsByStep(MacLayer layer)
    {
        int channels = layer.Output.Shape.Channels;
        int[] order = ReductionPlan.WeightIndices(layer);
        var weights = new int[order.Length * channels];
        for (int step = 0; step < order.Length; step++)
            for (int channel = 0; channel < channels; channel++)
                weights[(step * channels) + channel] = layer.Weights[(channel * layer.Depth) + order[step]];
        return weights;
    }
}
