using System.Numerics;
using System.Runtime.InteropServices;

namespace QSim.Kernels.Backends.Simd.Mac.Bounded;

/// <summary>The largest magnitude of some values.</summary>
internal static class LargestMagnitude
{
    public static int Of(ReadOnlySpan<short> values)
    {
        ReadOnlySpan<Vector<short>> vectors = MemoryMarshal.Cast<short, Vector<short>>(values);
        Vector<ushort> most = default;
        foreach (Vector<short> vector in vectors)
            most = Vector.Max(most, Vector.AsVectorUInt16(Vector.Abs(vector)));
        int largest = 0;
        for (int lane = 0; lane < Vector<ushort>.Count; lane++)
            largest = Math.Max(largest, most[lane]);
        foreach (short value in values[(vectors.Length * Vector<short>.Count)..])
            largest = Math.Max(largest, Math.Abs((int)value));
        return largest;
    }
}
