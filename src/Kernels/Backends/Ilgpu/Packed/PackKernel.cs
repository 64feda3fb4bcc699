using ILGPU;
using QSim.Kernels.Backends.Ilgpu.General;

namespace QSim.Kernels.Backends.Ilgpu.Packed;

/// <summary>
/// Lays out what each output position multiplies: one column per position, its depth in bytes.
/// </summary>
public static class PackKernel
{
    /// <summary>One column's next sixteen operands.</summary>
    /// <param name="index">block * columns + column.</param>
    /// <param name="input">Raw inputs of the batch.</param>
    /// <param name="taps">
    /// Where each step reads, from the window's origin anew at every block.
    /// </param>
    /// <param name="packed">Filled, [block of 16 steps][column]; zeros past the depth.</param>
    /// <param name="sizes">The layer's sizes.</param>
    /// <param name="columns">Images times output positions.</param>
    /// <param name="inputSigned">1 when raw inputs may be negative.</param>
    public static void Run(
        Index1D index,
        ArrayView<int> input,
        ArrayView<Tap> taps,
        ArrayView<PackedBytes> packed,
        MacSizes sizes,
        int columns,
        int inputSigned)
    {
        int column = index % columns;
        int first = index / columns * PackedBytes.Count;
        int positions = sizes.Window.ToPositions;
        WindowWalk walk = sizes.Window.Place(
            (column / positions * sizes.Window.ToLength) + (column % positions)).Origin;
        PackedBytes bytes = default;
        int count = IntrinsicMath.Min(PackedBytes.Count, sizes.Depth - first);
        for (int i = 0; i < count; i++)
        {
            walk = walk.Step(taps[first + i]);
            long x = Raw.Load(input[walk.Inside(input.Length)], inputSigned);
            if (!sizes.Window.Holds(walk)) x = sizes.Padding;
            bytes = bytes.With(i, (int)(x - sizes.InputOffset));
        }

        packed[index] = bytes;
    }
}
