using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Backends.Ilgpu.General;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.Packed;

/// <summary>
/// A layer of 8-bit operands in three passes: operands are packed by column, exact sums are taken four bytes
/// at a time, and sums become outputs.
/// </summary>
internal sealed class PackedDeviceLayer : DeviceLayer
{
    private readonly MacLayer _layer;
    private readonly PackedPlan _plan;
    private readonly KernelSet _kernels;
    private readonly MacConstants _constants;
    private readonly int _blocks;
    private readonly MemoryBuffer1D<PackedBytes, Stride1D.Dense> _weights;
    private readonly MemoryBuffer1D<PackedBytes, Stride1D.Dense> _magnitudes;
    private readonly MemoryBuffer1D<Tap, Stride1D.Dense> _taps;

    public PackedDeviceLayer(MacLayer layer, PackedPlan plan, DeviceSession session)
    {
        _layer = layer;
        _plan = plan;
        _kernels = session.Kernels;
        _constants = new(layer, session);
        _blocks = (layer.Depth + PackedBytes.Count - 1) / PackedBytes.Count;
        PackedBytes[] weights = PackedWeights(layer, _blocks);
        _weights = session.Accelerator.Allocate1D(weights);
        _taps = session.Accelerator.Allocate1D(Tap.Of(layer, PackedBytes.Count));
        _magnitudes = session.Accelerator.Allocate1D(weights.Select(w => w.Magnitudes()).ToArray());
    }

    /// <inheritdoc/>
    public override long ScratchPerImage => PackedPerImage + (2L * _layer.Output.Shape.Length);

    /// <summary>In numbers of 64 bits: a column's sixteen operands take two.</summary>
    private long PackedPerImage => 2L * _blocks * _layer.Output.Shape.Positions;

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch)
    {
        TensorShape to = _layer.Output.Shape;
        int columns = launch.Images * to.Positions;
        int outputs = launch.Images * to.Length;
        int checks = _plan.Checks(_layer, launch.CollectsEvents == 1);
        long packedLength = launch.Images * PackedPerImage;
        ArrayView<PackedBytes> packed = launch.Scratch.SubView(0, packedLength).Cast<PackedBytes>();
        ArrayView<int> sums = launch.Scratch.SubView(packedLength, outputs).Cast<int>();
        ArrayView<int> bounds = launch.Scratch.SubView(packedLength + outputs, outputs).Cast<int>();

        _kernels.Pack(
            launch.Stream, _blocks * columns, launch.Inputs[0], _taps.View, packed, _constants.Sizes,
            columns, Flag(_layer.Input.IsSigned));
        Sum(launch.Stream, packed, sums, bounds, columns, new(_plan.InputSigned, checks));
        var modes = new FinishModes(
            MacModes.Of(_layer, launch.CollectsEvents == 1), _plan.Single, checks);
        if (_kernels.Specializes)
        {
            _kernels.Finish(
                launch.Stream, outputs, sums, bounds, launch.Inputs[0], _constants.Weights.View,
                _constants.Bias.View, _constants.Requantization.View, _constants.Taps.View, launch.Output,
                launch.Events, _constants.Sizes, columns, launch.Key, SpecializedValue.New(modes));
        }
        else
        {
            _kernels.AnyFinish(
                launch.Stream, outputs, sums, bounds, launch.Inputs[0], _constants.Weights.View,
                _constants.Bias.View, _constants.Requantization.View, _constants.Taps.View, launch.Output,
                launch.Events, _constants.Sizes, columns, launch.Key, modes);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _constants.Dispose();
        _weights.Dispose();
        _magnitudes.Dispose();
        _taps.Dispose();
    }

    private void Sum(
        AcceleratorStream stream,
        ArrayView<PackedBytes> packed,
        ArrayView<int> sums,
        ArrayView<int> bounds,
        int columns,
        SumModes modes)
    {
        int filters = _layer.Output.Shape.Channels;
        int tiles = (filters + SumKernel.Tile - 1) / SumKernel.Tile;
        int quarter = (columns + SumKernel.Tile - 1) / SumKernel.Tile;
        _kernels.Sum(
            stream, tiles * quarter, packed, _weights.View, _magnitudes.View, sums, bounds, filters, columns,
            _blocks, SpecializedValue.New(modes));
    }

    /// <summary>[block][filter], steps in the order of the reduction, filters filled up to whole tiles.</summary>
    private static PackedBytes[] PackedWeights(MacLayer layer, int blocks)
    {
        int filters = layer.Output.Shape.Channels;
        int stride = (filters + SumKernel.Tile - 1) / SumKernel.Tile * SumKernel.Tile;
        int[] order = ReductionPlan.WeightIndices(layer);
        var packed = new PackedBytes[blocks * stride];
        for (int filter = 0; filter < filters; filter++)
        {
            for (int step = 0; step < order.Length; step++)
            {
                ref PackedBytes bytes = ref packed[(step / PackedBytes.Count * stride) + filter];
                int weight = layer.Weights[(filter * layer.Depth) + order[step]];
                bytes = bytes.With(step % PackedBytes.Count, weight);
            }
        }

        return packed;
    }
}
