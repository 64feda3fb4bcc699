using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;

namespace QSim.Simulator.Quantization;

/// <summary>Raw values of a tensor to real ones.</summary>
internal static class Dequantization
{
    /// <summary>
    /// Effectively computes <c>(float)(Scale * (raw - ZeroPoint))</c>, the product in double; of
    /// float32 numbers these.
    /// </summary>
    /// <param name="from">Raw values.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="reals">Filled.</param>
    public static void Read(RawValues from, int first, Span<float> reals)
    {
        double scale = from.Type.Scale;
        if (from.IsNarrow)
        {
            ReadOnlySpan<short> stored = from.Narrow.Slice(first, reals.Length);
            int zero = from.Type.ZeroPoint - from.Offset, i = 0;
            for (; i <= reals.Length - Vector<short>.Count; i += Vector<short>.Count)
                Read(stored[i..], zero, scale, reals[i..]);
            for (; i < reals.Length; i++) reals[i] = (float)(scale * (stored[i] - zero));
            return;
        }

        ReadOnlySpan<long> raw = from.Wide.Slice(first, reals.Length);
        if (from.Type.IsFloat32)
        {
            for (int i = 0; i < raw.Length; i++) reals[i] = OrderedFloat.Value(raw[i]);
            return;
        }

        for (int i = 0; i < raw.Length; i++)
            reals[i] = (float)(scale * (raw[i] - from.Type.ZeroPoint));
    }

    /// <summary>One vector, by way of longs: doubles are as wide, so that lanes stay.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Read(
        ReadOnlySpan<short> stored, int zero, double scale, Span<float> reals)
    {
        Vector<short> narrow = Vector.LoadUnsafe(ref MemoryMarshal.GetReference(stored));
        Vector.Widen(narrow, out Vector<int> low, out Vector<int> high);
        ref float to = ref MemoryMarshal.GetReference(reals);
        Scale(low - new Vector<int>(zero), scale).StoreUnsafe(ref to);
        Scale(high - new Vector<int>(zero), scale).StoreUnsafe(
            ref to, (nuint)Vector<float>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Scale(Vector<int> steps, double scale)
    {
        Vector.Widen(steps, out Vector<long> low, out Vector<long> high);
        var scales = new Vector<double>(scale);
        return Vector.Narrow(
            Vector.ConvertToDouble(low) * scales, Vector.ConvertToDouble(high) * scales);
    }
}
