using ILGPU;
using QSim.Kernels.Backends.Ilgpu.General;

namespace QSim.Kernels.Backends.Ilgpu.Packed;

/// <summary>
/// Lays out what each output position multiplies: one column per position, its depth in bytes.
/// </summary>
internal static class PackKernel
{
    /// <summary>One column's next sixteen operands.</summary>
    /// <param name="index">block * columns + column.</param>
    /// <param name="input">Raw inputs of the batch.</param>
    /// <param name="taps">
    /// Where each step reads, from the window's origin anew at every block; whole blocks.
    /// </param>
    /// <param name="packed">
    /// Filled, [block of 16 steps][column]; past the depth with anything, for weights are 0 there.
    /// </param>
    /// <param name="sizes">The layer's sizes.</param>
    /// <param name="columns">Images times output positions.</param>
    public static void Run(
        Index1D index,
        ArrayView<int> input,
        ArrayView<Tap> taps,
        ArrayView<PackedBytes> packed,
        MacSizes sizes,
        int columns)
    {
        int column = index % columns;
        int step = index / columns * PackedBytes.Count;
        int positions = sizes.Window.ToPositions;
        WindowWalk walk = sizes.Window.Origin(column / positions, 0, column % positions);
        int a = Four(input, taps, step, sizes, ref walk);
        int b = Four(input, taps, step + 4, sizes, ref walk);
        int c = Four(input, taps, step + 8, sizes, ref walk);
        int d = Four(input, taps, step + 12, sizes, ref walk);
        packed[index] = new(a, b, c, d);
    }

    private static int Four(
        ArrayView<int> input, ArrayView<Tap> taps, int step, MacSizes sizes, ref WindowWalk walk)
    {
        int a = Byte(input, taps[step], sizes, ref walk);
        int b = Byte(input, taps[step + 1], sizes, ref walk);
        int c = Byte(input, taps[step + 2], sizes, ref walk);
        int d = Byte(input, taps[step + 3], sizes, ref walk);
        return a | (b << 8) | (c << 16) | (d << 24);
    }

    /// <summary>
    /// The low byte says it all: inputs less their offset fit into one, whichever sign it has.
    /// </summary>
    private static int Byte(
        ArrayView<int> input, Tap tap, MacSizes sizes, ref WindowWalk walk)
    {
        walk = walk.Step(tap);
        int x = input[walk.Inside(input.Length)];
        return ((sizes.Window.Holds(walk) ? x : sizes.Padding) - sizes.InputOffset) & 0xFF;
    }
}
