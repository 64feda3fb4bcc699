namespace QSim.Kernels.Backends.Ilgpu.Tiled;

/// <summary>
/// The instructions of a tile, one text for each kind of operands (ILGPU takes literals only).
/// Inputs are %0 to %7, weights qw and sums qs, as <see cref="TileText"/> declares them.
/// </summary>
internal static class InstructionText
{
    /// <summary>Four filters against eight columns: signed by signed bytes.</summary>
    public const string DotSigned =
        "dp4a.s32.s32 qs0,%0,qw0,qs0; dp4a.s32.s32 qs1,%1,qw0,qs1; dp4a.s32.s32 qs2,%2,qw0,qs2; " +
        "dp4a.s32.s32 qs3,%3,qw0,qs3; dp4a.s32.s32 qs4,%4,qw0,qs4; dp4a.s32.s32 qs5,%5,qw0,qs5; " +
        "dp4a.s32.s32 qs6,%6,qw0,qs6; dp4a.s32.s32 qs7,%7,qw0,qs7; dp4a.s32.s32 qs8,%0,qw1,qs8; " +
        "dp4a.s32.s32 qs9,%1,qw1,qs9; dp4a.s32.s32 qs10,%2,qw1,qs10; " +
        "dp4a.s32.s32 qs11,%3,qw1,qs11; dp4a.s32.s32 qs12,%4,qw1,qs12; " +
        "dp4a.s32.s32 qs13,%5,qw1,qs13; dp4a.s32.s32 qs14,%6,qw1,qs14; " +
        "dp4a.s32.s32 qs15,%7,qw1,qs15; dp4a.s32.s32 qs16,%0,qw2,qs16; " +
        "dp4a.s32.s32 qs17,%1,qw2,qs17; dp4a.s32.s32 qs18,%2,qw2,qs18; " +
        "dp4a.s32.s32 qs19,%3,qw2,qs19; dp4a.s32.s32 qs20,%4,qw2,qs20; " +
        "dp4a.s32.s32 qs21,%5,qw2,qs21; dp4a.s32.s32 qs22,%6,qw2,qs22; " +
        "dp4a.s32.s32 qs23,%7,qw2,qs23; dp4a.s32.s32 qs24,%0,qw3,qs24; " +
        "dp4a.s32.s32 qs25,%1,qw3,qs25; dp4a.s32.s32 qs26,%2,qw3,qs26; " +
        "dp4a.s32.s32 qs27,%3,qw3,qs27; dp4a.s32.s32 qs28,%4,qw3,qs28; " +
        "dp4a.s32.s32 qs29,%5,qw3,qs29; dp4a.s32.s32 qs30,%6,qw3,qs30; " +
        "dp4a.s32.s32 qs31,%7,qw3,qs31;";

    /// <summary>The same: unsigned inputs by signed weights.</summary>
    public const string DotUnsigned =
        "dp4a.u32.s32 qs0,%0,qw0,qs0; dp4a.u32.s32 qs1,%1,qw0,qs1; dp4a.u32.s32 qs2,%2,qw0,qs2; " +
        "dp4a.u32.s32 qs3,%3,qw0,qs3; dp4a.u32.s32 qs4,%4,qw0,qs4; dp4a.u32.s32 qs5,%5,qw0,qs5; " +
        "dp4a.u32.s32 qs6,%6,qw0,qs6; dp4a.u32.s32 qs7,%7,qw0,qs7; dp4a.u32.s32 qs8,%0,qw1,qs8; " +
        "dp4a.u32.s32 qs9,%1,qw1,qs9; dp4a.u32.s32 qs10,%2,qw1,qs10; " +
        "dp4a.u32.s32 qs11,%3,qw1,qs11; dp4a.u32.s32 qs12,%4,qw1,qs12; " +
        "dp4a.u32.s32 qs13,%5,qw1,qs13; dp4a.u32.s32 qs14,%6,qw1,qs14; " +
        "dp4a.u32.s32 qs15,%7,qw1,qs15; dp4a.u32.s32 qs16,%0,qw2,qs16; " +
        "dp4a.u32.s32 qs17,%1,qw2,qs17; dp4a.u32.s32 qs18,%2,qw2,qs18; " +
        "dp4a.u32.s32 qs19,%3,qw2,qs19; dp4a.u32.s32 qs20,%4,qw2,qs20; " +
        "dp4a.u32.s32 qs21,%5,qw2,qs21; dp4a.u32.s32 qs22,%6,qw2,qs22; " +
        "dp4a.u32.s32 qs23,%7,qw2,qs23; dp4a.u32.s32 qs24,%0,qw3,qs24; " +
        "dp4a.u32.s32 qs25,%1,qw3,qs25; dp4a.u32.s32 qs26,%2,qw3,qs26; " +
        "dp4a.u32.s32 qs27,%3,qw3,qs27; dp4a.u32.s32 qs28,%4,qw3,qs28; " +
        "dp4a.u32.s32 qs29,%5,qw3,qs29; dp4a.u32.s32 qs30,%6,qw3,qs30; " +
        "dp4a.u32.s32 qs31,%7,qw3,qs31;";

    /// <summary>The same: unsigned by unsigned bytes.</summary>
    public const string DotMagnitudes =
        "dp4a.u32.u32 qs0,%0,qw0,qs0; dp4a.u32.u32 qs1,%1,qw0,qs1; dp4a.u32.u32 qs2,%2,qw0,qs2; " +
        "dp4a.u32.u32 qs3,%3,qw0,qs3; dp4a.u32.u32 qs4,%4,qw0,qs4; dp4a.u32.u32 qs5,%5,qw0,qs5; " +
        "dp4a.u32.u32 qs6,%6,qw0,qs6; dp4a.u32.u32 qs7,%7,qw0,qs7; dp4a.u32.u32 qs8,%0,qw1,qs8; " +
        "dp4a.u32.u32 qs9,%1,qw1,qs9; dp4a.u32.u32 qs10,%2,qw1,qs10; " +
        "dp4a.u32.u32 qs11,%3,qw1,qs11; dp4a.u32.u32 qs12,%4,qw1,qs12; " +
        "dp4a.u32.u32 qs13,%5,qw1,qs13; dp4a.u32.u32 qs14,%6,qw1,qs14; " +
        "dp4a.u32.u32 qs15,%7,qw1,qs15; dp4a.u32.u32 qs16,%0,qw2,qs16; " +
        "dp4a.u32.u32 qs17,%1,qw2,qs17; dp4a.u32.u32 qs18,%2,qw2,qs18; " +
        "dp4a.u32.u32 qs19,%3,qw2,qs19; dp4a.u32.u32 qs20,%4,qw2,qs20; " +
        "dp4a.u32.u32 qs21,%5,qw2,qs21; dp4a.u32.u32 qs22,%6,qw2,qs22; " +
        "dp4a.u32.u32 qs23,%7,qw2,qs23; dp4a.u32.u32 qs24,%0,qw3,qs24; " +
        "dp4a.u32.u32 qs25,%1,qw3,qs25; dp4a.u32.u32 qs26,%2,qw3,qs26; " +
        "dp4a.u32.u32 qs27,%3,qw3,qs27; dp4a.u32.u32 qs28,%4,qw3,qs28; " +
        "dp4a.u32.u32 qs29,%5,qw3,qs29; dp4a.u32.u32 qs30,%6,qw3,qs30; " +
        "dp4a.u32.u32 qs31,%7,qw3,qs31;";

    // Sums, filters, columns, sums: 16 filters against 8 columns each.
    private const string Block0 = "{qs0,qs1,qs2,qs3},{qw0,qw1,qw2,qw3},{%0,%1},{qs0,qs1,qs2,qs3}";
    private const string Block1 = "{qs4,qs5,qs6,qs7},{qw0,qw1,qw2,qw3},{%2,%3},{qs4,qs5,qs6,qs7}";
    private const string Block2 =
        "{qs8,qs9,qs10,qs11},{qw0,qw1,qw2,qw3},{%4,%5},{qs8,qs9,qs10,qs11}";
    private const string Block3 =
        "{qs12,qs13,qs14,qs15},{qw0,qw1,qw2,qw3},{%6,%7},{qs12,qs13,qs14,qs15}";
    private const string Block4 =
        "{qs16,qs17,qs18,qs19},{qw4,qw5,qw6,qw7},{%0,%1},{qs16,qs17,qs18,qs19}";
    private const string Block5 =
        "{qs20,qs21,qs22,qs23},{qw4,qw5,qw6,qw7},{%2,%3},{qs20,qs21,qs22,qs23}";
    private const string Block6 =
        "{qs24,qs25,qs26,qs27},{qw4,qw5,qw6,qw7},{%4,%5},{qs24,qs25,qs26,qs27}";
    private const string Block7 =
        "{qs28,qs29,qs30,qs31},{qw4,qw5,qw6,qw7},{%6,%7},{qs28,qs29,qs30,qs31}";

    /// <summary>32 filters against 32 columns of a warp: signed by signed bytes.</summary>
    public const string MmaSigned =
        $"{Mma}.s8.s8.s32 {Block0}; {Mma}.s8.s8.s32 {Block1}; "
        + $"{Mma}.s8.s8.s32 {Block2}; {Mma}.s8.s8.s32 {Block3}; "
        + $"{Mma}.s8.s8.s32 {Block4}; {Mma}.s8.s8.s32 {Block5}; "
        + $"{Mma}.s8.s8.s32 {Block6}; {Mma}.s8.s8.s32 {Block7};";

    /// <summary>The same: unsigned inputs by signed weights.</summary>
    public const string MmaUnsigned =
        $"{Mma}.s8.u8.s32 {Block0}; {Mma}.s8.u8.s32 {Block1}; "
        + $"{Mma}.s8.u8.s32 {Block2}; {Mma}.s8.u8.s32 {Block3}; "
        + $"{Mma}.s8.u8.s32 {Block4}; {Mma}.s8.u8.s32 {Block5}; "
        + $"{Mma}.s8.u8.s32 {Block6}; {Mma}.s8.u8.s32 {Block7};";

    /// <summary>The same: unsigned by unsigned bytes.</summary>
    public const string MmaMagnitudes =
        $"{Mma}.u8.u8.s32 {Block0}; {Mma}.u8.u8.s32 {Block1}; "
        + $"{Mma}.u8.u8.s32 {Block2}; {Mma}.u8.u8.s32 {Block3}; "
        + $"{Mma}.u8.u8.s32 {Block4}; {Mma}.u8.u8.s32 {Block5}; "
        + $"{Mma}.u8.u8.s32 {Block6}; {Mma}.u8.u8.s32 {Block7};";

    private const string Mma = "mma.sync.aligned.m16n8k32.row.col.s32";
}
