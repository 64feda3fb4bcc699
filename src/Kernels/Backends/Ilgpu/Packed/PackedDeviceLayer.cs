using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Backends.Ilgpu.General;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.Packed;

/// <summary>
/// A layer of 8-bit operands in three passes: operands are packed by column, exact sums are taken
/// four bytes at a time, and sums become outputs, or those of the max pooling that follows.
/// </summary>
internal sealed class PackedDeviceLayer : DeviceLayer
{
    private readonly MacLayer _layer;
    private readonly MaxPoolLayer? _pool;
    private readonly PackedPlan _plan;
    private readonly MacModes _modes;
    private readonly KernelSet _kernels;
    private readonly MacConstants _constants;
    private readonly FourLauncher _fours;
    private readonly IByteProduct _product;
    private readonly MemoryBuffer1D<Tap, Stride1D.Dense> _taps;
    private readonly PoolConstants? _window;

    /// <summary>Uploads the layer's constants.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="plan">What makes packed sums those of the hardware.</param>
    /// <param name="pool">The max pooling that may be fused with it, if any.</param>
    /// <param name="session">Where.</param>
    public PackedDeviceLayer(
        MacLayer layer, PackedPlan plan, MaxPoolLayer? pool, DeviceSession session)
    {
        _layer = layer;
        _pool = pool;
        _plan = plan;
        _modes = MacModes.Of(layer, events: false);
        _kernels = session.Kernels;
        _constants = new(layer, session, fours: true);
        _fours = new(layer, _kernels, _constants);
        _product = ByteProducts.For(layer, session);
        var taps = new Tap[_product.Blocks * PackedBytes.Count];
        Tap.Of(layer, PackedBytes.Count).CopyTo(taps, 0);
        _taps = session.Upload(taps);
        if (pool is not null)
            _window = new(pool.Geometry, pool.Input.Shape, pool.Output.Shape, session);
    }

    /// <inheritdoc/>
    public override long ScratchPerImage => PackedPerImage + _layer.Output.Shape.Length;

    /// <summary>In numbers of 64 bits: a column's sixteen operands take two.</summary>
    private long PackedPerImage => 2L * _product.Blocks * _layer.Output.Shape.Positions;

    /// <inheritdoc/>
    public override bool FusesNext(bool events) =>
        _pool is not null && !events && _plan.Checks(events) == 0;

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch)
    {
        TensorShape to = _layer.Output.Shape;
        int columns = launch.Images * to.Positions;
        int outputs = launch.Images * to.Length;
        int checks = _plan.Checks(launch.CollectsEvents == 1);
        long packedLength = launch.Images * PackedPerImage;
        ArrayView<PackedBytes> packed = launch.Scratch.SubView(0, packedLength).Cast<PackedBytes>();
        ArrayView<int> both = launch.Scratch.SubView(packedLength, outputs).Cast<int>();
        var exact = new ExactSums(
            both.SubView(0, outputs), both.SubView(outputs, outputs), columns);

        _kernels.Pack(
            launch.Stream, _product.Blocks * columns, launch.Inputs[0], _taps.View, packed,
            _constants.Sizes, columns);
        _product.Launch(launch.Stream, packed, exact, _plan.InputSigned, checks);
        MacOperands from = _constants.With(launch.Inputs[0]);
        var modes = new FinishModes(
            _modes with { Events = launch.CollectsEvents }, _plan.Single, checks);
        if (launch.Fused) FinishPooled(launch, exact, from, modes);
        else Finish(launch, exact, from, modes);
    }

    private void Finish(
        in LayerLaunch launch, ExactSums exact, MacOperands from, FinishModes modes)
    {
        int threads = launch.Images * _layer.Output.Shape.Length;
        if (_kernels.Specializes)
        {
            _kernels.Finish(
                launch.Stream, threads, exact, from, launch.Results, _constants.Sizes, launch.Key,
                SpecializedValue.New(modes));
        }
        else
        {
            _kernels.AnyFinish(
                launch.Stream, threads, exact, from, launch.Results, _constants.Sizes, launch.Key,
                modes);
        }

        if (modes.Checks == 1) _fours.Launch(launch, exact, modes.Mac, isMarked: true);
    }

    private void FinishPooled(
        in LayerLaunch launch, ExactSums exact, MacOperands from, FinishModes modes)
    {
        int threads = launch.Images * _pool!.Output.Shape.Length;
        if (_kernels.Specializes)
        {
            _kernels.PooledFinish(
                launch.Stream, threads, exact, from, launch.Output, _constants.Sizes,
                _window!.Window, launch.Key, SpecializedValue.New(modes));
        }
        else
        {
            _kernels.AnyPooledFinish(
                launch.Stream, threads, exact, from, launch.Output, _constants.Sizes,
                _window!.Window, launch.Key, modes);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _constants.Dispose();
        _product.Dispose();
        _taps.Dispose();
        _window?.Dispose();
    }
}
