using System.Globalization;
using QSim.Kernels.Arithmetic;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Silicon.Vectors;

/// <summary>One bit wrong in one register's value: whoever compares must find it.</summary>
/// <param name="Seed">Says where.</param>
/// <param name="Array">The array's name.</param>
/// <param name="Index">The value, counted in the order of the file.</param>
/// <param name="Place">The same by its indices.</param>
/// <param name="Bit">The bit, 0 the lowest.</param>
/// <param name="Right">The value.</param>
/// <param name="Wrong">What stands in its place.</param>
internal sealed record WrongBit(
    ulong Seed, string Array, int Index, string Place, int Bit, long Right, long Wrong)
{
    /// <summary>Chooses it.</summary>
    public static WrongBit Of(VectorSet set, ulong seed)
    {
        UInt4 words = Philox.Generate(seed, new(0, 0, 0, 0));
        VectorArray[] registers = [.. set.Arrays.Where(a => a.Role == VectorRole.Register)];
        VectorArray array = registers[words.X % (uint)registers.Length];
        int index = (int)(words.Y % (uint)array.Array.Length);
        int bit = (int)(words.Z % (uint)array.Bits);
        long right = array.Array.ToIntegers()[index];
        return new(
            seed, array.Name, index, PlaceOf(array, index, set.Images), bit, right,
            Turned(right, bit, array));
    }

    /// <summary>The registers with the wrong bit in them.</summary>
    public IEnumerable<VectorArray> In(VectorSet set) => set.Arrays
        .Where(a => a.Role == VectorRole.Register)
        .Select(a => a.Name == Array ? a with { Array = Changed(a.Array) } : a);

    private NpyArray Changed(NpyArray array)
    {
        long[] values = array.ToIntegers();
        values[Index] = Wrong;
        return NpyArray.Of(values, [.. array.Shape]);
    }

    private static long Turned(long value, int bit, VectorArray array)
    {
        long turned = value ^ (1L << bit);
        int free = 64 - array.Bits;
        return array.IsSigned ? turned << free >> free : (long)((ulong)turned << free >> free);
    }

    private static string PlaceOf(VectorArray array, int index, IReadOnlyList<int> images)
    {
        var parts = new List<string>();
        for (int axis = array.Axes.Count - 1; axis >= 0; axis--)
        {
            int at = index % array.Array.Shape[axis];
            index /= array.Array.Shape[axis];
            parts.Insert(0, string.Create(
                CultureInfo.InvariantCulture,
                $"{array.Axes[axis]} {(axis == 0 ? images[at] : at)}"));
        }

        return string.Join(", ", parts);
    }
}
