using System.Numerics;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>Another source's rows, every value <c>(stored + add) &lt;&lt; shift</c>.</summary>
internal sealed unsafe class AdjustedRows(RowSource<short> source, int add, int shift)
    : RowSource<short>
{
    public override int Stride => source.Stride;

    public override int[] Order => source.Order;

    public override short* Fill(void* input, int first, int columns, int group, short* buffer)
    {
        short* from = source.Fill(input, first, columns, group, buffer);
        var added = new Vector<short>((short)add);
        long count = (long)columns * Stride;
        for (long i = 0; i < count; i += Vector<short>.Count)
            ((Vector.Load(from + i) + added) << shift).Store(buffer + i);
        return buffer;
    }
}
