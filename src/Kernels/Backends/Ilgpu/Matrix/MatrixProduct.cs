using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using QSim.Kernels.Backends.Ilgpu.Packed;
using QSim.Kernels.Backends.Ilgpu.Tiled;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.Matrix;

/// <summary>
/// By <see cref="MatrixText"/>: CUDA, compute capability 8.0. Bounds are a second product, of
/// magnitudes.
/// </summary>
internal sealed class MatrixProduct : IByteProduct
{
    private readonly CudaModules _modules;
    private readonly MatrixShape _shape;
    private readonly int _filters;
    private readonly int _tiles;
    private readonly MemoryBuffer1D<PackedBytes, Stride1D.Dense> _weights;
    private readonly MemoryBuffer1D<PackedBytes, Stride1D.Dense> _magnitudes;

    public MatrixProduct(MacLayer layer, CudaModules modules, DeviceSession session)
    {
        _modules = modules;
        _filters = layer.Output.Shape.Channels;
        _shape = MatrixShape.For(_filters);
        _tiles = PackedWeights.Units(_filters, _shape.Filters);
        Blocks = _shape.Blocks
            * PackedWeights.Units(layer.Depth, _shape.Blocks * PackedBytes.Count);
        PackedBytes[] weights = PackedWeights.Of(layer, Blocks, _tiles * _shape.Filters);
        _weights = session.Upload(weights);
        _magnitudes = session.Upload(weights.Select(w => w.Magnitudes()).ToArray());
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
            stream, inputs, _weights, exact.Sums, exact.Columns,
            isSigned ? OperandSigns.SignedInputs : OperandSigns.UnsignedInputs);
        if (checks == 0) return;
        Launch(
            stream, inputs, _magnitudes, exact.Bounds, exact.Columns,
            isSigned ? OperandSigns.Magnitudes : OperandSigns.WeightMagnitudes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _weights.Dispose();
        _magnitudes.Dispose();
    }

    private void Launch(
        AcceleratorStream stream, ArrayView<PackedBytes> inputs,
        MemoryBuffer1D<PackedBytes, Stride1D.Dense> weights, ArrayView<int> sums, int columns,
        OperandSigns signs)
    {
        Door.Needs(inputs.Length >= (long)Blocks * columns);
        Door.Needs(weights.Length >= (long)Blocks * _tiles * _shape.Filters);
        Door.Needs(sums.Length >= (long)_filters * columns);
        _modules.Launch(
            (CudaStream)stream, _shape, signs,
            new(
                inputs.LoadEffectiveAddressAsPtr(), weights.NativePtr,
                sums.LoadEffectiveAddressAsPtr(), _filters, columns, _tiles,
                Blocks / _shape.Blocks));
    }
}
