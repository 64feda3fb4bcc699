namespace QSim.Kernels.Backends.Ilgpu.Tiled;

/// <summary>
/// Which lane of a warp holds what in <c>mma.m16n8k32</c> on bytes (PTX ISA, "Matrix Fragments for
/// mma.m16n8k32"). A word is four operands along the depth.
/// </summary>
internal static class MmaFragments
{
    /// <summary>Rows of A and D.</summary>
    public const int Rows = 16;

    /// <summary>Columns of B and D.</summary>
    public const int Columns = 8;

    /// <summary>Words along the depth.</summary>
    public const int Words = 8;

    /// <summary>Lanes of a warp.</summary>
    public const int Lanes = 32;

    /// <summary>The lane that holds a word of a row of A.</summary>
    public static int LaneOfA(int row, int word) => (row % 8 * 4) + (word % 4);

    /// <summary>The register that it holds it in, of four.</summary>
    public static int RegisterOfA(int row, int word) => (row / 8) + (word / 4 * 2);

    /// <summary>The lane that holds a word of a column of B.</summary>
    public static int LaneOfB(int column, int word) => (column * 4) + (word % 4);

    /// <summary>The register that it holds it in, of two.</summary>
    public static int RegisterOfB(int word) => word / 4;

    /// <summary>The row of D that a lane holds in one of four registers.</summary>
    public static int RowOfD(int lane, int register) => (lane / 4) + (register / 2 * 8);

    /// <summary>The column of D that a lane holds in one of four registers.</summary>
    public static int ColumnOfD(int lane, int register) => (lane % 4 * 2) + (register % 2);
}
