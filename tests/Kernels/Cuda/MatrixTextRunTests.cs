using System.Runtime.InteropServices;
using QSim.Kernels.Backends.Ilgpu.Matrix;
using QSim.Kernels.Backends.Ilgpu.Tiled;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Cuda;

/// <summary>
/// The matrix kernel's text, run: asynchronous copies come as late as they may, fragments lie as
/// the manual says.
/// </summary>
public class MatrixTextRunTests
{
    private const int Products = 16;

    public static TheoryData<int, int, int, int, int> Cases
    {
        get
        {
            var data = new TheoryData<int, int, int, int, int>();
            foreach (int shape in Enumerable.Range(0, MatrixShape.All.Length))
                foreach (OperandSigns signs in Enum.GetValues<OperandSigns>())
                {
                    MatrixShape s = MatrixShape.All[shape];
                    data.Add(shape, (int)signs, s.Filters - 3, 5, 1);
                    data.Add(shape, (int)signs, s.Filters + 1, s.Columns + 1, s.Stages + 1);
                }

            return data;
        }
    }

    /// <summary>Less than a group in every direction, and a little more than one.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Sums_OfRandomBytes_AreTheirProducts(
        int index, int signs, int filters, int columns, int steps)
    {
        MatrixShape shape = MatrixShape.All[index];
        int tiles = (filters + shape.Filters - 1) / shape.Filters;
        int rows = tiles * shape.Filters, blocks = steps * shape.Blocks;
        var random = new Choices(columns + steps);
        byte[] inputs = Bytes(random, blocks * columns), weights = Bytes(random, blocks * rows);
        byte[] result = Interpreted.Run(
            MatrixText.Of(shape, (OperandSigns)signs), MatrixText.Name,
            tiles * ((columns + shape.Columns - 1) / shape.Columns), shape.Threads,
            shape.SharedBytes, [inputs, weights, new byte[filters * columns * sizeof(int)]],
            [filters, columns, tiles, steps]);
        int[] sums = MemoryMarshal.Cast<byte, int>(result).ToArray();
        for (int filter = 0; filter < filters; filter++)
            for (int column = 0; column < columns; column++)
            {
                int sum = 0;
                for (int k = 0; k < blocks * Products; k++)
                    sum += Weight((OperandSigns)signs, At(weights, k, rows, filter))
                        * Input((OperandSigns)signs, At(inputs, k, columns, column));
                Assert.Equal(sum, sums[(filter * columns) + column]);
            }
    }

    private static byte[] Bytes(Choices random, int pieces) =>
        [.. Enumerable.Range(0, pieces * Products).Select(_ => (byte)random.Between(0, 255))];

    /// <summary>[block][place], 16 bytes each.</summary>
    private static byte At(byte[] bytes, int k, int places, int place) =>
        bytes[(((k / Products * places) + place) * Products) + (k % Products)];

    private static int Weight(OperandSigns signs, byte value) =>
        signs is OperandSigns.SignedInputs or OperandSigns.UnsignedInputs ? (sbyte)value : value;

    private static int Input(OperandSigns signs, byte value) => signs switch
    {
        OperandSigns.SignedInputs => (sbyte)value,
        OperandSigns.Magnitudes => Math.Abs((int)(sbyte)value),
        _ => value,
    };
}
