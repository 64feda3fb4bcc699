using System.Text;
using QSim.Kernels.Backends.Ilgpu.Packed;
using QSim.Kernels.Backends.Ilgpu.Tiled;

namespace QSim.Kernels.Backends.Ilgpu.Matrix;

/// <summary>
/// The exact integer matrix product on tensor cores as a text of PTX (compute capability 8.0): what
/// ILGPU has no words for, asynchronous copies into shared memory and <c>ldmatrix</c>, is what
/// makes it fast. Both operands lie in global and in shared memory as [block of 16 products][row]:
/// 16 bytes are one copy, and eight neighbouring rows of a block are the 128 bytes that
/// <c>ldmatrix</c> reads at once, each from other banks. A copy of the step after next is under
/// way while a step is multiplied.
/// </summary>
internal sealed class MatrixText
{
    /// <summary>Name of the kernel.</summary>
    public const string Name = "matrix";

    private const int Bytes = PackedBytes.Count;
    private const int Rows = 16;
    private const int Columns = 8;

    private readonly StringBuilder _text = new();
    private readonly MatrixShape _shape;
    private readonly OperandSigns _signs;
    private readonly int _rows;
    private readonly int _columns;

    private MatrixText(MatrixShape shape, OperandSigns signs)
    {
        (_shape, _signs) = (shape, signs);
        (_rows, _columns) = (shape.WarpFilters / Rows, shape.WarpColumns / Columns);
    }

    /// <summary>
    /// The kernel. Parameters: addresses of inputs [block][column], weights [block][filter, filled
    /// up] and sums [filter][column]; filters, columns, groups of filters, steps. Groups lie in one
    /// line, those of the same columns side by side, so that the cache has the columns.
    /// </summary>
    public static string Of(MatrixShape shape, OperandSigns signs)
    {
        var text = new MatrixText(shape, signs);
        text.Begin();
        text.Places();
        text.Fill();
        text.Loop();
        text.Store();
        return text._text.ToString();
    }

    private int FilterCopies => Math.Max(1, _shape.Blocks * _shape.Filters / _shape.Threads);

    private int ColumnCopies => _shape.Blocks * _shape.Columns / _shape.Threads;

    /// <summary>With fewer pieces of weights than threads, some threads copy none.</summary>
    private string WhereCopied => _shape.Blocks * _shape.Filters < _shape.Threads ? "@copies " : "";

    private void Line(string line) => _text.Append(line).Append('\n');

    private void Begin()
    {
        int sums = _rows * _columns * 4;
        Line(
            $$"""
            .version 7.0
            .target sm_80
            .address_size 64
            .extern .shared .align 128 .b8 memory[];
            .visible .entry {{Name}}(.param .u64 inputs, .param .u64 weights, .param .u64 sums,
                .param .u32 filters, .param .u32 columns, .param .u32 tiles, .param .u32 steps)
            .maxntid {{_shape.Threads}},1,1
            {
            .reg .b32 c<{{sums}}>; .reg .b32 a<{{_rows * 4}}>; .reg .b32 b<{{_columns * 2}}>;
            .reg .b32 r<64>; .reg .b64 d<16>;
            .reg .b64 ga<{{FilterCopies}}>; .reg .b64 gb<{{ColumnCopies}}>;
            .reg .b32 sa<{{FilterCopies}}>; .reg .b32 sb<{{ColumnCopies}}>;
            .reg .pred p, even, odd, copies, inside, whole, half;
            ld.param.u64 d0,[inputs]; ld.param.u64 d1,[weights]; ld.param.u64 d2,[sums];
            ld.param.u32 r0,[filters]; ld.param.u32 r1,[columns]; ld.param.u32 r2,[tiles];
            ld.param.u32 r3,[steps];
            cvta.to.global.u64 d0,d0; cvta.to.global.u64 d1,d1; cvta.to.global.u64 d2,d2;
            mov.u32 r4,%tid.x; mov.u32 r5,%ctaid.x; mov.u32 r6,memory;
            rem.u32 r7,r5,r2; div.u32 r8,r5,r2;
            mul.lo.u32 r7,r7,{{_shape.Filters}}; mul.lo.u32 r8,r8,{{_shape.Columns}};
            mul.lo.u32 r9,r2,{{_shape.Filters}};
            sub.u32 r10,r1,1;
            """);
        for (int i = 0; i < sums; i++) Line($"mov.b32 c{i},0;");
    }

    /// <summary>
    /// What each thread copies: from where, and where to. Columns past the last are read as the
    /// last, and not stored.
    /// </summary>
    private void Places()
    {
        Line($"setp.lt.u32 copies,r4,{_shape.Blocks * _shape.Filters};");
        for (int i = 0; i < FilterCopies; i++)
            Line(
                $"""
                add.u32 r11,r4,{i * _shape.Threads};
                div.u32 r12,r11,{_shape.Filters}; rem.u32 r13,r11,{_shape.Filters};
                shl.b32 r14,r11,4; add.u32 sa{i},r6,r14;
                add.u32 r13,r13,r7; mad.lo.u32 r14,r12,r9,r13;
                mul.wide.u32 d4,r14,{Bytes}; add.u64 ga{i},d1,d4;
                """);
        for (int i = 0; i < ColumnCopies; i++)
            Line(
                $"""
                add.u32 r11,r4,{i * _shape.Threads};
                div.u32 r12,r11,{_shape.Columns}; rem.u32 r13,r11,{_shape.Columns};
                shl.b32 r14,r11,4; add.u32 r14,r14,{_shape.FilterBytes}; add.u32 sb{i},r6,r14;
                add.u32 r13,r13,r8; min.u32 r13,r13,r10; mul.wide.u32 d4,r12,r1;
                cvt.u64.u32 d5,r13; add.u64 d4,d4,d5; shl.b64 d4,d4,4; add.u64 gb{i},d0,d4;
                """);
        Line($"mul.wide.u32 d6,r9,{Bytes * _shape.Blocks};");
        Line($"mul.wide.u32 d7,r1,{Bytes * _shape.Blocks};");
    }

    /// <summary>Begins the copies of one step into the stage at r20.</summary>
    private void Copy()
    {
        for (int i = 0; i < FilterCopies; i++)
            Line(
                $"add.u32 r22,sa{i},r20; {WhereCopied}cp.async.cg.shared.global [r22],[ga{i}],"
                    + $"{Bytes}; add.u64 ga{i},ga{i},d6;");
        for (int i = 0; i < ColumnCopies; i++)
            Line(
                $"add.u32 r22,sb{i},r20; cp.async.cg.shared.global [r22],[gb{i}],{Bytes}; "
                    + $"add.u64 gb{i},gb{i},d7;");
    }

    private void Fill()
    {
        Line("mov.u32 r20,0;");
        for (int stage = 0; stage < _shape.Stages - 1; stage++)
        {
            Line($"setp.le.u32 p,r3,{stage}; @p bra FILLED{stage};");
            Copy();
            Line($"FILLED{stage}: cp.async.commit_group; add.u32 r20,r20,{_shape.StageBytes};");
        }

        Lanewise();
    }

    /// <summary>
    /// Which rows a lane gives to <c>ldmatrix</c>: of filters two eights by two blocks, rows first;
    /// of columns two blocks by two eights, blocks first.
    /// </summary>
    private void Lanewise() =>
        Line(
            $"""
            mov.u32 r21,0; mov.u32 r23,0;
            and.b32 r24,r4,31; shr.u32 r25,r4,5;
            rem.u32 r26,r25,{_shape.WarpsOfFilters}; div.u32 r27,r25,{_shape.WarpsOfFilters};
            mul.lo.u32 r26,r26,{_shape.WarpFilters}; mul.lo.u32 r27,r27,{_shape.WarpColumns};
            and.b32 r28,r24,15; shr.u32 r29,r24,4; add.u32 r28,r28,r26;
            mad.lo.u32 r28,r29,{_shape.Filters},r28; shl.b32 r28,r28,4; add.u32 r28,r28,r6;
            and.b32 r30,r24,7; shl.b32 r29,r29,3; add.u32 r30,r30,r29; add.u32 r30,r30,r27;
            shr.u32 r31,r24,3; and.b32 r31,r31,1; mad.lo.u32 r30,r31,{_shape.Columns},r30;
            shl.b32 r30,r30,4; add.u32 r30,r30,r6; add.u32 r30,r30,{_shape.FilterBytes};
            """);

    private void Loop()
    {
        // This step's copies have come, and by the barrier everybody's; nor does anybody still read
        // the stage of the step before, which the next copies go to.
        Line($"LOOP: cp.async.wait_group {_shape.Stages - 2}; bar.sync 0;");
        Line($"add.u32 r32,r23,{_shape.Stages - 1}; setp.ge.u32 p,r32,r3; @p bra COPIED;");
        Copy();

        // A group at every step, empty towards the end: the wait above counts groups.
        Line("COPIED: cp.async.commit_group;");
        Next("r20");
        Line("add.u32 r33,r28,r21; add.u32 r34,r30,r21;");
        for (int blocks = 0; blocks < _shape.Blocks; blocks += 2) Multiply(blocks);
        Next("r21");
        Line("add.u32 r23,r23,1; setp.lt.u32 p,r23,r3; @p bra LOOP;");
    }

    private void Next(string stage) =>
        Line(
            $"add.u32 {stage},{stage},{_shape.StageBytes}; "
                + $"setp.ge.u32 p,{stage},{_shape.SharedBytes}; @p mov.u32 {stage},0;");

    /// <summary>32 products more for each sum.</summary>
    private void Multiply(int block)
    {
        const string Load = "ldmatrix.sync.aligned.m8n8.x4.shared.b16";
        for (int row = 0; row < _rows; row++)
            Line(
                $"{Load} {Four("a", row * 4)},"
                    + $"[r33+{((block * _shape.Filters) + (row * Rows)) * Bytes}];");
        for (int column = 0; column < _columns; column += 2)
            Line(
                $"{Load} {Four("b", column * 2)},"
                    + $"[r34+{((block * _shape.Columns) + (column * Columns)) * Bytes}];");
        if (_signs == OperandSigns.Magnitudes)
            for (int i = 0; i < _columns * 2; i++) Magnitude($"b{i}");
        string weight = _signs is OperandSigns.SignedInputs or OperandSigns.UnsignedInputs
            ? "s8"
            : "u8";
        string input = _signs == OperandSigns.SignedInputs ? "s8" : "u8";
        for (int row = 0; row < _rows; row++)
            for (int column = 0; column < _columns; column++)
            {
                string sums = Four("c", ((row * _columns) + column) * 4);
                Line(
                    $"mma.sync.aligned.m16n8k32.row.col.s32.{weight}.{input}.s32 {sums},"
                        + $"{Four("a", row * 4)},{{b{column * 2},b{(column * 2) + 1}}},{sums};");
            }
    }

    /// <summary>As <see cref="PackedBytes.Magnitudes(int)"/>.</summary>
    private void Magnitude(string bytes) =>
        Line(
            $"shr.u32 r40,{bytes},7; and.b32 r40,r40,0x01010101; mul.lo.u32 r41,r40,255; "
                + $"xor.b32 {bytes},{bytes},r41; add.u32 {bytes},{bytes},r40;");

    /// <summary>Two neighbouring columns at a time where that keeps 8 bytes aligned.</summary>
    private void Store()
    {
        Line(
            """
            shr.u32 r35,r24,2; and.b32 r36,r24,3; shl.b32 r36,r36,1;
            add.u32 r35,r35,r26; add.u32 r35,r35,r7; add.u32 r36,r36,r27; add.u32 r36,r36,r8;
            and.b32 r37,r1,1; setp.eq.u32 even,r37,0; setp.ne.u32 odd,r37,0;
            """);
        for (int row = 0; row < _rows * 2; row++)
        {
            Line(
                $"""
                add.u32 r37,r35,{row * 8}; setp.lt.u32 inside,r37,r0; mul.wide.u32 d8,r37,r1;
                cvt.u64.u32 d9,r36; add.u64 d8,d8,d9; shl.b64 d8,d8,2; add.u64 d8,d8,d2;
                """);
            for (int column = 0; column < _columns; column++)
            {
                int sum = (((row / 2 * _columns) + column) * 4) + (row % 2 * 2);
                int at = column * Columns * sizeof(int);
                Line(
                    $"""
                    add.u32 r38,r36,{column * Columns}; add.u32 r39,r38,1;
                    setp.lt.and.u32 p,r38,r1,inside; and.pred whole,p,even; and.pred half,p,odd;
                    @whole st.global.v2.b32 [d8+{at}],{Two("c", sum)};
                    @half st.global.b32 [d8+{at}],c{sum};
                    setp.lt.and.u32 p,r39,r1,half; @p st.global.b32 [d8+{at + 4}],c{sum + 1};
                    """);
            }
        }

        Line("ret;\n}");
    }

    private static string Two(string name, int first) => $"{{{name}{first},{name}{first + 1}}}";

    private static string Four(string name, int first) =>
        $"{{{name}{first},{name}{first + 1},{name}{first + 2},{name}{first + 3}}}";
}
