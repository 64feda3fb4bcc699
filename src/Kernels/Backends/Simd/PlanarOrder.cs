using System.Numerics;
using QSim.Kernels.Backends.Memory;

namespace QSim.Kernels.Backends.Simd;

/// <summary>
/// Between the outside's [channel][row][column] and the layouts of this backend.
/// </summary>
/// <remarks>
/// Needs one image's values outside, which is asserted, and a tensor that holds the image, which
/// <see cref="Workspace.Tensor(int, int)"/> asserts.
/// </remarks>
internal static unsafe class PlanarOrder
{
    /// <summary>
    /// Positions at a time: every channel's stay in the nearest cache while channels interleave.
    /// </summary>
    private const int TilePositions = 16;

    /// <summary>Stores one image.</summary>
    public static void Store(
        ReadOnlySpan<long> planar, TensorLayout layout, void* stored, int image)
    {
        (int channels, int positions) = Sizes(layout);
        Door.Needs(planar.Length == layout.Length && stored != null && image >= 0);
        long at = (long)image * layout.Length;
        fixed (long* from = planar)
        {
            if (!layout.IsNarrow)
                Store(from, (long*)stored + at, channels, positions, 0);
            else if (channels == 1)
                Narrow(from, (short*)stored + at, positions, layout.Offset);
            else
                Store(from, (short*)stored + at, channels, positions, layout.Offset);
        }
    }

    /// <summary>Stores one image whose values have the layout's width and offset.</summary>
    public static void Store(
        ReadOnlySpan<short> planar, TensorLayout layout, void* stored, int image)
    {
        (int channels, int positions) = Sizes(layout);
        Door.Needs(planar.Length == layout.Length && stored != null && image >= 0);
        Door.Needs(layout.IsNarrow);
        short* to = (short*)stored + ((long)image * layout.Length);
        if (channels == 1)
            planar.CopyTo(new(to, planar.Length));
        else
            fixed (short* from = planar)
                Store(from, to, channels, positions, 0);
    }

    /// <summary>Loads one image.</summary>
    public static void Load(void* stored, TensorLayout layout, int image, Span<long> planar)
    {
        (int channels, int positions) = Sizes(layout);
        Door.Needs(planar.Length == layout.Length && stored != null && image >= 0);
        long at = (long)image * layout.Length;
        fixed (long* to = planar)
        {
            if (!layout.IsNarrow)
                Load((long*)stored + at, to, channels, positions, 0);
            else if (channels == 1)
                Widen((short*)stored + at, to, positions, layout.Offset);
            else
                Load((short*)stored + at, to, channels, positions, layout.Offset);
        }
    }

    /// <summary>Loads one image in the layout's width and offset.</summary>
    public static void Load(void* stored, TensorLayout layout, int image, Span<short> planar)
    {
        (int channels, int positions) = Sizes(layout);
        Door.Needs(planar.Length == layout.Length && stored != null && image >= 0);
        Door.Needs(layout.IsNarrow);
        short* from = (short*)stored + ((long)image * layout.Length);
        if (channels == 1)
            new ReadOnlySpan<short>(from, planar.Length).CopyTo(planar);
        else
            fixed (short* to = planar)
                Load(from, to, channels, positions, 0);
    }

    /// <summary>A single position is a single channel: both lie in one row.</summary>
    private static (int Channels, int Positions) Sizes(TensorLayout layout) =>
        layout.Type.Shape.Positions == 1
            ? (1, layout.Length)
            : (layout.Type.Shape.Channels, layout.Type.Shape.Positions);

    private static void Store<TFrom, T>(
        TFrom* planar, T* stored, int channels, int positions, long offset)
        where TFrom : unmanaged, IBinaryInteger<TFrom>
        where T : unmanaged, IBinaryInteger<T>
    {
        for (int first = 0; first < positions; first += TilePositions)
        {
            int end = Math.Min(first + TilePositions, positions);
            for (int channel = 0; channel < channels; channel++)
            {
                TFrom* from = planar + ((long)channel * positions);
                T* to = stored + ((long)first * channels) + channel;
                for (int position = first; position < end; position++, to += channels)
                    *to = T.CreateTruncating(long.CreateTruncating(from[position]) - offset);
            }
        }
    }

    private static void Load<T, TTo>(
        T* stored, TTo* planar, int channels, int positions, long offset)
        where T : unmanaged, IBinaryInteger<T>
        where TTo : unmanaged, IBinaryInteger<TTo>
    {
        for (int first = 0; first < positions; first += TilePositions)
        {
            int end = Math.Min(first + TilePositions, positions);
            for (int channel = 0; channel < channels; channel++)
            {
                TTo* to = planar + ((long)channel * positions);
                T* from = stored + ((long)first * channels) + channel;
                for (int position = first; position < end; position++, from += channels)
                    to[position] = TTo.CreateTruncating(long.CreateTruncating(*from) + offset);
            }
        }
    }

    private static void Narrow(long* raw, short* stored, int count, long offset)
    {
        // The offset goes off after the high bits do: both are sums modulo 2^16.
        var offsets = new Vector<short>((short)offset);
        int i = 0;
        for (; i <= count - Vector<short>.Count; i += Vector<short>.Count)
        {
            long* from = raw + i;
            Vector<int> low = Vector.Narrow(
                Vector.Load(from), Vector.Load(from + Vector<long>.Count));
            from += 2 * Vector<long>.Count;
            Vector<int> high = Vector.Narrow(
                Vector.Load(from), Vector.Load(from + Vector<long>.Count));
            (Vector.Narrow(low, high) - offsets).Store(stored + i);
        }

        for (; i < count; i++) stored[i] = (short)(raw[i] - offset);
    }

    private static void Widen(short* stored, long* raw, int count, long offset)
    {
        var offsets = new Vector<long>(offset);
        int i = 0;
        for (; i <= count - Vector<short>.Count; i += Vector<short>.Count)
        {
            Vector.Widen(Vector.Load(stored + i), out Vector<int> low, out Vector<int> high);
            Widen(low, offsets, raw + i);
            Widen(high, offsets, raw + i + Vector<int>.Count);
        }

        for (; i < count; i++) raw[i] = stored[i] + offset;
    }

    private static void Widen(Vector<int> values, Vector<long> offsets, long* raw)
    {
        Vector.Widen(values, out Vector<long> low, out Vector<long> high);
        (low + offsets).Store(raw);
        (high + offsets).Store(raw + Vector<long>.Count);
    }
}
