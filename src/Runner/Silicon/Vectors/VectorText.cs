using System.Globalization;
using System.Text;

namespace QSim.Runner.Silicon.Vectors;

/// <summary>Golden vectors as text: <c>$readmemh</c> files and CSV.</summary>
internal static class VectorText
{
    /// <summary>One value a line, as wide as the register, for <c>$readmemh</c>.</summary>
    public static byte[] Hex(VectorArray array)
    {
        int digits = (array.Bits + 3) / 4;
        ulong mask = array.Bits == 64 ? ulong.MaxValue : (1UL << array.Bits) - 1;
        string format = $"x{digits}";
        var text = new StringBuilder();
        foreach (long bits in Bits(array))
            text.Append(((ulong)bits & mask).ToString(format, CultureInfo.InvariantCulture))
                .Append('\n');
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Indices and the value, under a header.</summary>
    /// <param name="array">The array.</param>
    /// <param name="images">What the images are called.</param>
    public static byte[] Csv(VectorArray array, IReadOnlyList<int> images)
    {
        var text = new StringBuilder();
        text.AppendJoin(',', array.Axes.Append("value")).Append('\n');
        string[] values = array.IsReal
            ? [.. array.Array.ToReals().Select(v => v.ToString("R", CultureInfo.InvariantCulture))]
            : [.. array.Array.ToIntegers()
                .Select(v => v.ToString(CultureInfo.InvariantCulture))];
        int[] at = new int[array.Axes.Count];
        bool hasImages = array.Axes[0] == VectorSet.OutputAxes[0];
        foreach (string value in values)
        {
            for (int axis = 0; axis < at.Length; axis++)
                text.Append(CultureInfo.InvariantCulture, $"{Name(axis)},");
            text.Append(value).Append('\n');
            for (int axis = at.Length - 1; axis >= 0; axis--)
            {
                if (++at[axis] < array.Array.Shape[axis]) break;
                at[axis] = 0;
            }
        }

        return Encoding.ASCII.GetBytes(text.ToString());

        int Name(int axis) => axis == 0 && hasImages ? images[at[0]] : at[axis];
    }

    private static IEnumerable<long> Bits(VectorArray array) =>
        !array.IsReal ? array.Array.ToIntegers()
        : array.Bits == 32 ? array.Array.ToReals().Select(v =>
            (long)BitConverter.SingleToUInt32Bits((float)v))
        : array.Array.ToReals().Select(BitConverter.DoubleToInt64Bits);
}
