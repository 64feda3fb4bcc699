using QSim.CudaDriver.Ptx;

namespace QSim.CudaDriver.Machine;

/// <summary>
/// What the 32 lanes of a warp do together: 8-bit matrix products and loads of their fragments,
/// laid out as the PTX manual has them.
/// </summary>
internal static class WarpOperations
{
    private const string Load = "ldmatrix.sync.aligned.m8n8.x4.shared.b16";
    private const string Product = "mma.sync.aligned.m16n8k32.row.col.s32.";
    private const int RowBytes = 16;
    private const int Rows = 16;
    private const int Columns = 8;
    private const int Depth = 32;

    /// <summary>Fills an instruction in.</summary>
    public static void Assemble(Instruction i, Statement s, Registers registers)
    {
        i.Flow = Flow.Warp;
        PtxType word = new('b', 4);
        int[] List(int operand, bool isWritten) =>
            [.. s.Operands[operand].Trim('{', '}').Split(',', StringSplitOptions.TrimEntries)
                .Select(n => isWritten
                    ? registers.Target(n, word, s.Line)
                    : registers.Source(n, word, s.Line))];
        if (s.Name == Load)
        {
            string[] address = s.Operands[1].Trim('[', ']').Split('+');
            i.A = registers.Source(address[0], new('u', 4), s.Line);
            i.Offset = address.Length == 1 ? 0 : int.Parse(address[1]);
            i.Many = List(0, isWritten: true);
            i.Exchange = LoadFour;
            return;
        }

        string[] types = s.Name.StartsWith(Product, StringComparison.Ordinal)
            ? s.Name[Product.Length..].Split('.')
            : [];
        if (types is not [("s8" or "u8") and var first, ("s8" or "u8") and var second, "s32"])
            throw new PtxException(s.Line, $"'{s.Name}' is not known here");
        i.Many = [.. List(0, true), .. List(1, false), .. List(2, false), .. List(3, false)];
        i.Exchange = (first, second) switch
        {
            ("s8", "s8") => Multiply<sbyte, sbyte>,
            ("s8", _) => Multiply<sbyte, byte>,
            (_, "s8") => Multiply<byte, sbyte>,
            _ => Multiply<byte, byte>,
        };
    }

    /// <summary>
    /// Each eight lanes say where the rows of a matrix lie; each lane gets 4 bytes of a row.
    /// </summary>
    private static unsafe void LoadFour(Lane[] warp, Instruction i)
    {
        for (int matrix = 0; matrix < i.Many.Length; matrix++)
            for (int lane = 0; lane < warp.Length; lane++)
            {
                Lane row = warp[(matrix * 8) + (lane / 4)];
                long address = row.Get<uint>(i.A) + i.Offset;
                if (address % RowBytes != 0)
                    throw new KernelFault(i, $"row {address} is not aligned");
                byte* bytes = warp[lane].GroupMemory(
                    i, address + (lane % 4 * sizeof(uint)), sizeof(uint), isWrite: false);
                warp[lane].Set(i.Many[matrix], *(uint*)bytes);
            }
    }

    /// <summary>
    /// 16x32 times 32x8. Operands: four registers of results, four and two of factors, four that
    /// are added.
    /// </summary>
    private static void Multiply<TFirst, TSecond>(Lane[] warp, Instruction i)
        where TFirst : struct, System.Numerics.INumber<TFirst>
        where TSecond : struct, System.Numerics.INumber<TSecond>
    {
        var sums = new int[Rows * Columns];
        for (int row = 0; row < Rows; row++)
            for (int column = 0; column < Columns; column++)
                for (int k = 0; k < Depth; k += 4)
                {
                    uint a = warp[(row % 8 * 4) + (k % 16 / 4)]
                        .Get<uint>(i.Many[4 + (row / 8) + (k / 16 * 2)]);
                    uint b = warp[(column * 4) + (k % 16 / 4)].Get<uint>(i.Many[8 + (k / 16)]);
                    sums[(row * Columns) + column] +=
                        IntegerOperations.Dot<TFirst, TSecond>(a, b);
                }

        foreach ((int number, Lane lane) in warp.Index())
            for (int at = 0; at < 4; at++)
            {
                int row = (number / 4) + (at / 2 * 8), column = (number % 4 * 2) + (at % 2);
                lane.Set(
                    i.Many[at],
                    sums[(row * Columns) + column] + lane.Get<int>(i.Many[10 + at]));
            }
    }
}
