using ILGPU;
using ILGPU.Runtime;

namespace QSim.Kernels.Backends.Ilgpu.Packed;

/// <summary>
/// The exact product of a layer's weights, which it keeps on the device, and packed inputs.
/// </summary>
internal interface IByteProduct : IDisposable
{
    /// <summary>Blocks of 16 operands per column that <see cref="Launch"/> reads.</summary>
    int Blocks { get; }

    /// <summary>Queues the product.</summary>
    /// <param name="stream">Where.</param>
    /// <param name="inputs">[block][column].</param>
    /// <param name="exact">
    /// Filled, the bounds only when <paramref name="checks"/> is 1.
    /// </param>
    /// <param name="inputSigned">1 when packed inputs are signed bytes.</param>
    /// <param name="checks">1 when bounds are needed.</param>
    void Launch(
        AcceleratorStream stream, ArrayView<PackedBytes> inputs, ExactSums exact, int inputSigned,
        int checks);
}
