using System.Numerics;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd;

/// <summary>Between the outside's [channel][row][column] of longs and the layouts of this backend.</summary>
internal static unsafe class PlanarOrder
{
    /// <summary>Stores one image.</summary>
    public static void Store(ReadOnlySpan<long> planar, TensorLayout layout, void* stored, int image)
    {
        if (layout.IsNarrow) Store(planar, layout, (short*)stored + ((long)image * layout.Length));
        else Store(planar, layout, (long*)stored + ((long)image * layout.Length));
    }

    /// <summary>Loads one image.</summary>
    public static void Load(void* stored, TensorLayout layout, int image, Span<long> planar)
    {
        if (layout.IsNarrow) Load((short*)stored + ((long)image * layout.Length), layout, planar);
        else Load((long*)stored + ((long)image * layout.Length), layout, planar);
    }

    private static void Store<T>(ReadOnlySpan<long> planar, TensorLayout layout, T* stored)
        where T : unmanaged, IBinaryInteger<T>
    {
        TensorShape shape = layout.Type.Shape;
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            ReadOnlySpan<long> plane = planar.Slice(channel * shape.Positions, shape.Positions);
            T* to = stored + channel;
            foreach (long raw in plane)
            {
                *to = T.CreateTruncating(raw - layout.Offset);
                to += shape.Channels;
            }
        }
    }

    private static void Load<T>(T* stored, TensorLayout layout, Span<long> planar)
        where T : unmanaged, IBinaryInteger<T>
    {
        TensorShape shape = layout.Type.Shape;
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            T* from = stored + channel;
            foreach (ref long raw in planar.Slice(channel * shape.Positions, shape.Positions))
            {
                raw = long.CreateTruncating(*from) + layout.Offset;
                from += shape.Channels;
            }
        }
    }
}
