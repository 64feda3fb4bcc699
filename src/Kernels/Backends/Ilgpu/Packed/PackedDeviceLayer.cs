using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Backends.Ilgpu.General;
using QSim.Kernels.Backends.Ilgpu.Tiled;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.Packed;

/// <summary>
/// A layer of 8-bit operands in three passes: operands are packed by column, exact sums are taken
/// four bytes at a time, and sums become outputs.
/// </summary>
internal sealed class PackedDeviceLayer : DeviceLayer
{
    private readonly MacLayer _layer;
    private readonly PackedPlan _plan;
    private readonly KernelSet _kernels;
    private readonly MacConstants _constants;
    private readonly IByteProduct _product;
    private readonly MemoryBuffer1D<Tap, Stride1D.Dense> _taps;

    public PackedDeviceLayer(MacLayer layer, PackedPlan plan, DeviceSession session)
    {
        _layer = layer;
        _plan = plan;
        _kernels = session.Kernels;
        _constants = new(layer, session);
        _taps = session.Upload(Tap.Of(layer, PackedBytes.Count));
        _product = session.Multiplier == ByteMultiplier.Portable
            ? new PortableProduct(layer, session)
            : new TiledProduct(layer, session);
    }

    /// <inheritdoc/>
    public override long ScratchPerImage => PackedPerImage + (2L * _layer.Output.Shape.Length);

    /// <summary>In numbers of 64 bits: a column's sixteen operands take two.</summary>
    private long PackedPerImage => 2L * _product.Blocks * _layer.Output.Shape.Positions;

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
            launch.Stream, _product.Blocks * columns, launch.Inputs[0], _taps.View, packed,
            _constants.Sizes, columns, Flag(_layer.Input.IsSigned));
        _product.Launch(launch.Stream, packed, sums, bounds, columns, _plan.InputSigned, checks);
        var modes = new FinishModes(
            MacModes.Of(_layer, launch.CollectsEvents == 1), _plan.Single, checks);
        if (_kernels.Specializes)
        {
            _kernels.Finish(
                launch.Stream, outputs, sums, bounds, launch.Inputs[0], _constants.Weights.View,
                _constants.Bias.View, _constants.Requantization.View, _constants.Taps.View,
                launch.Output, launch.Events, _constants.Sizes, columns, launch.Key,
                SpecializedValue.New(modes));
        }
        else
        {
            _kernels.AnyFinish(
                launch.Stream, outputs, sums, bounds, launch.Inputs[0], _constants.Weights.View,
                _constants.Bias.View, _constants.Requantization.View, _constants.Taps.View,
                launch.Output, launch.Events, _constants.Sizes, columns, launch.Key, modes);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _constants.Dispose();
        _product.Dispose();
        _taps.Dispose();
    }
}
