namespace QSim.Kernels.Backends.Ilgpu.Tiled;

/// <summary>
/// PTX around the instructions. ILGPU passes the results of inline PTX through local memory, so
/// sums live in registers that the text declares: once per kernel, outside of any braces.
/// </summary>
internal static class TileText
{
    /// <summary>32 sums, zero, and 8 words of weights.</summary>
    public const string Begin =
        ".reg .b32 qs<32>; .reg .b32 qw<8>; mov.b32 qs0,0; mov.b32 qs1,0; mov.b32 qs2,0; " +
        "mov.b32 qs3,0; mov.b32 qs4,0; mov.b32 qs5,0; mov.b32 qs6,0; mov.b32 qs7,0; " +
        "mov.b32 qs8,0; mov.b32 qs9,0; mov.b32 qs10,0; mov.b32 qs11,0; mov.b32 qs12,0; " +
        "mov.b32 qs13,0; mov.b32 qs14,0; mov.b32 qs15,0; mov.b32 qs16,0; mov.b32 qs17,0; " +
        "mov.b32 qs18,0; mov.b32 qs19,0; mov.b32 qs20,0; mov.b32 qs21,0; mov.b32 qs22,0; " +
        "mov.b32 qs23,0; mov.b32 qs24,0; mov.b32 qs25,0; mov.b32 qs26,0; mov.b32 qs27,0; " +
        "mov.b32 qs28,0; mov.b32 qs29,0; mov.b32 qs30,0; mov.b32 qs31,0;";

    /// <summary>Four words of weights.</summary>
    public const string HoldFour =
        "mov.b32 qw0,%0; mov.b32 qw1,%1; mov.b32 qw2,%2; mov.b32 qw3,%3;";

    /// <summary>Eight words of weights.</summary>
    public const string HoldEight =
        "mov.b32 qw0,%0; mov.b32 qw1,%1; mov.b32 qw2,%2; mov.b32 qw3,%3; mov.b32 qw4,%4; " +
        "mov.b32 qw5,%5; mov.b32 qw6,%6; mov.b32 qw7,%7;";

    /// <summary>The sums.</summary>
    public const string End =
        "mov.b32 %0,qs0; mov.b32 %1,qs1; mov.b32 %2,qs2; mov.b32 %3,qs3; mov.b32 %4,qs4; " +
        "mov.b32 %5,qs5; mov.b32 %6,qs6; mov.b32 %7,qs7; mov.b32 %8,qs8; mov.b32 %9,qs9; " +
        "mov.b32 %10,qs10; mov.b32 %11,qs11; mov.b32 %12,qs12; mov.b32 %13,qs13; " +
        "mov.b32 %14,qs14; mov.b32 %15,qs15; mov.b32 %16,qs16; mov.b32 %17,qs17; " +
        "mov.b32 %18,qs18; mov.b32 %19,qs19; mov.b32 %20,qs20; mov.b32 %21,qs21; " +
        "mov.b32 %22,qs22; mov.b32 %23,qs23; mov.b32 %24,qs24; mov.b32 %25,qs25; " +
        "mov.b32 %26,qs26; mov.b32 %27,qs27; mov.b32 %28,qs28; mov.b32 %29,qs29; " +
        "mov.b32 %30,qs30; mov.b32 %31,qs31;";
}
