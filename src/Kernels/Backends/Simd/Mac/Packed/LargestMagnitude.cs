using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>The largest magnitude of some values, none of which is -32768.</summary>
internal static class LargestMagnitude
{
    public static int Of(ReadOnlySpan<short> values)
    {
        int count = values.Length;
        ref short first = ref MemoryMarshal.GetReference(values);
        int lanes = Vector128<short>.Count, largest = 0;
        if (count < lanes)
        {
            foreach (short value in values) largest = Math.Max(largest, Math.Abs((int)value));
            return largest;
        }

        // The last vector ends where the values end; some are looked at twice.
        Vector128<short> most = Vector128.Abs(
            Vector128.LoadUnsafe(ref first, (nuint)(count - lanes)));
        for (int i = 0; i + lanes <= count; i += lanes)
            most = Vector128.Max(most, Vector128.Abs(Vector128.LoadUnsafe(ref first, (nuint)i)));
        most = Vector128.Max(
            most, Vector128.Shuffle(most, Vector128.Create((short)4, 5, 6, 7, 0, 1, 2, 3)));
        most = Vector128.Max(
            most, Vector128.Shuffle(most, Vector128.Create((short)2, 3, 0, 1, 6, 7, 4, 5)));
        return Math.Max(most[0], most[1]);
    }
}
