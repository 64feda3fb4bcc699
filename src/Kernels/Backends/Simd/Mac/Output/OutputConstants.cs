using System.Numerics;
using System.Runtime.CompilerServices;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Output;

/// <summary>A layer's requantization as one vector of numbers per vector of channels.</summary>
/// <remarks>
/// Needs channels that the layer has: Pack leaves room for a vector from each of them on.
/// </remarks>
internal sealed unsafe class OutputConstants<T>
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly AlignedMemory _scales;
    private readonly AlignedMemory _zeroPoints;
    private readonly AlignedMemory _lowest;
    private readonly AlignedMemory _highest;
    private readonly int _unused;

    /// <param name="scales">Factors per channel.</param>
    /// <param name="channels">The channels; the last one also stands for those beyond it.</param>
    public OutputConstants(long[] scales, Requantization[] channels)
    {
        ConversionSpec output = channels[0].Output;
        Wraps = output.Overflow == OverflowMode.Wrap;
        HasScales = scales.Any(s => s != 1);
        _unused = (Unsafe.SizeOf<T>() * 8) - output.Bits;
        long least = Wraps ? LaneMin : Overflow.LowestKept(output);
        long most = Wraps ? LaneMax : output.Max;
        _scales = Pack(scales);
        _zeroPoints = Pack([.. channels.Select(c => (long)c.ZeroPoint)]);
        _lowest = Pack([.. channels.Select(c => Math.Clamp(c.ClampMin, least, most))]);
        _highest = Pack([.. channels.Select(c => Math.Clamp(c.ClampMax, least, most))]);
    }

    /// <summary>
    /// Whether outputs wrap after the activation; they are clamped to the range otherwise.
    /// </summary>
    public bool Wraps { get; }

    /// <summary>Whether any factor is not one.</summary>
    public bool HasScales { get; }

    private static long LaneMin => Unsafe.SizeOf<T>() == sizeof(int) ? int.MinValue : long.MinValue;

    private static long LaneMax => Unsafe.SizeOf<T>() == sizeof(int) ? int.MaxValue : long.MaxValue;

    public Vector<T> Scale(int channel) => Vector.Load((T*)_scales.Start + channel);

    public Vector<T> ZeroPoint(int channel) => Vector.Load((T*)_zeroPoints.Start + channel);

    public Vector<T> Lowest(int channel) => Vector.Load((T*)_lowest.Start + channel);

    public Vector<T> Highest(int channel) => Vector.Load((T*)_highest.Start + channel);

    /// <summary>The low bits of the output's width.</summary>
    public Vector<T> Wrap(Vector<T> value) => value << _unused >> _unused;

    /// <summary>One number per channel, with room for vectors that reach beyond the last.</summary>
    public static AlignedMemory Pack(long[] values)
    {
        var memory = new AlignedMemory((values.Length + 64) * sizeof(T));
        for (int i = 0; i < values.Length + 64; i++)
            ((T*)memory.Start)[i] = T.CreateTruncating(values[Math.Min(i, values.Length - 1)]);
        return memory;
    }
}
