using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;

namespace QSim.Silicon.Elements;

/// <summary>The ports of a pooling window, and what they get: all values of it at once.</summary>
internal static class PoolWindow
{
    /// <summary>How many values it covers.</summary>
    public static int Taps(WindowGeometry window) =>
        Sizes.Weights(window.KernelRows, window.KernelColumns);

    /// <summary>The values, and which of them are inside the image.</summary>
    public static Wire[] Ports(int taps, Wire value) =>
    [
        new("x", taps * value.Bits, false, IsVector: true),
        new("valid", taps, false, IsVector: true),
    ];

    /// <summary>The value that <c>i</c> counts.</summary>
    public static string Tap(Wire value)
    {
        string bits = value.Bits == 1 ? "x[i]" : $"x[i*{value.Bits} +: {value.Bits}]";
        return value.IsSigned ? $"$signed({bits})" : bits;
    }

    /// <summary>How many values windows cover, each number once.</summary>
    public static int[] Counts(WindowGeometry window, TensorShape from, TensorShape to) =>
    [
        .. Enumerable.Range(0, to.Positions)
            .Select(p => Window(window, from, to, p).Count(i => i >= 0))
            .Distinct().Order(),
    ];

    /// <summary>What the ports get for an output.</summary>
    public static Func<long[][], int, IEnumerable<(long Value, int Bits)>> Operands(
        WindowGeometry window, TensorType from, TensorType to) => (inputs, flat) =>
        {
            int plane = flat / to.Shape.Positions * from.Shape.Positions;
            int[] at =
                [.. Window(window, from.Shape, to.Shape, flat % to.Shape.Positions)];
            return at.Select(i => (i < 0 ? 0 : inputs[0][plane + i], from.Bits))
                .Concat(at.Select(i => (i < 0 ? 0L : 1L, 1)));
        };

    /// <summary>Indices of the values under a window, by plane; -1 in the padding.</summary>
    private static IEnumerable<int> Window(
        WindowGeometry window, TensorShape from, TensorShape to, int position)
    {
        for (int r = 0; r < window.KernelRows; r++)
            for (int c = 0; c < window.KernelColumns; c++)
            {
                int row = window.InputRow(position / to.Columns, r);
                int column = window.InputColumn(position % to.Columns, c);
                bool inside = row >= 0 && row < from.Rows && column >= 0 && column < from.Columns;
                yield return inside ? (row * from.Columns) + column : -1;
            }
    }
}
