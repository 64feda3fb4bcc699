using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.Packed;

/// <summary>By <see cref="SumKernel"/>: any device.</summary>
internal sealed class PortableProduct : IByteProduct
{
    private readonly KernelSet _kernels;
    private readonly int _filters;
    private readonly MemoryBuffer1D<PackedBytes, Stride1D.Dense> _weights;
    private readonly MemoryBuffer1D<PackedBytes, Stride1D.Dense> _magnitudes;

    public PortableProduct(MacLayer layer, DeviceSession session)
    {
        _kernels = session.Kernels;
        _filters = layer.Output.Shape.Channels;
        Blocks = PackedWeights.Units(layer.Depth, PackedBytes.Count);
        PackedBytes[] weights = PackedWeights.Of(
            layer, Blocks, PackedWeights.Units(_filters, SumKernel.Tile) * SumKernel.Tile);
        _weights = session.Upload(weights);
        _magnitudes = session.Upload(weights.Select(w => w.Magnitudes()).ToArray());
    }

    /// <inheritdoc/>
    public int Blocks { get; }

    /// <inheritdoc/>
    public void Launch(
        AcceleratorStream stream, ArrayView<PackedBytes> inputs, ExactSums exact, int inputSigned,
        int checks) =>
        _kernels.Sum(
            stream,
            PackedWeights.Units(_filters, SumKernel.Tile)
                * PackedWeights.Units(exact.Columns, SumKernel.Tile),
            inputs,
            _weights.View,
            _magnitudes.View,
            exact,
            _filters,
            Blocks,
            SpecializedValue.New(new SumModes(inputSigned, checks)));

    /// <inheritdoc/>
    public void Dispose()
    {
        _weights.Dispose();
        _magnitudes.Dispose();
    }
}
