using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using QSim.Kernels.Backends.Ilgpu.Packed;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.Tiled;

/// <summary>By <see cref="TileKernel"/>; bounds are a second product, of magnitudes.</summary>
internal sealed class TiledProduct : IByteProduct
{
    private const int BlocksPerStep = TileKernel.Depth / PackedBytes.Count;

    private readonly KernelSet _kernels;
    private readonly int _filters;
    private readonly int _tensorCores;
    private readonly int _emulates;
    private readonly MemoryBuffer1D<PackedBytes, Stride1D.Dense> _weights;

    public TiledProduct(MacLayer layer, DeviceSession session)
    {
        _kernels = session.Kernels;
        _filters = layer.Output.Shape.Channels;
        _tensorCores = session.Multiplier == ByteMultiplier.TensorCores ? 1 : 0;
        _emulates = session.Accelerator is CudaAccelerator ? 0 : 1;
        int steps = PackedWeights.Units(layer.Depth, TileKernel.Depth);
        Blocks = steps * BlocksPerStep;
        _weights = session.Upload(
            PackedWeights.Of(layer, Blocks, new TileSizes(_filters, 0, steps).FilterStride));
    }

    /// <inheritdoc/>
    public int Blocks { get; }

    /// <inheritdoc/>
    public void Launch(
        AcceleratorStream stream, ArrayView<PackedBytes> inputs, ExactSums exact, int inputSigned,
        int checks)
    {
        bool isSigned = inputSigned == 1;
        Launch(
            stream, inputs, exact.Sums, exact.Columns,
            isSigned ? OperandSigns.SignedInputs : OperandSigns.UnsignedInputs);
        if (checks == 0)
            return;
        Launch(
            stream, inputs, exact.Bounds, exact.Columns,
            isSigned ? OperandSigns.Magnitudes : OperandSigns.WeightMagnitudes);
    }

    /// <inheritdoc/>
    public void Dispose() => _weights.Dispose();

    private void Launch(
        AcceleratorStream stream, ArrayView<PackedBytes> inputs, ArrayView<int> sums, int columns,
        OperandSigns signs)
    {
        var sizes = new TileSizes(_filters, columns, Blocks / BlocksPerStep);
        var groups = new Index3D(
            PackedWeights.Units(columns, TileKernel.Columns),
            sizes.FilterStride / TileKernel.Filters, 1);
        _kernels.Tile(
            stream,
            new KernelConfig(groups, new Index3D(TileKernel.Threads, 1, 1)),
            inputs.Cast<int>(),
            _weights.View.AsContiguous().Cast<int>(),
            sums,
            sizes,
            SpecializedValue.New(new TileModes(_tensorCores, _emulates, signs)));
    }
}
