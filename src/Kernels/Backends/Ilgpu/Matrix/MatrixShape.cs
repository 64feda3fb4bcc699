using QSim.Kernels.Backends.Ilgpu.Packed;

namespace QSim.Kernels.Backends.Ilgpu.Matrix;

/// <summary>How the matrix kernel divides a product.</summary>
/// <param name="Filters">Filters of a group.</param>
/// <param name="Columns">Columns of a group.</param>
/// <param name="WarpFilters">Filters of a warp: multiples of 16.</param>
/// <param name="WarpColumns">Columns of a warp: multiples of 16.</param>
/// <param name="Blocks">Blocks of 16 products per step: even.</param>
/// <param name="Stages">Steps in shared memory at a time.</param>
internal sealed record MatrixShape(
    int Filters, int Columns, int WarpFilters, int WarpColumns, int Blocks, int Stages)
{
    /// <summary>Lanes of a warp.</summary>
    public const int Lanes = 32;

    /// <summary>
    /// The shapes, narrowest first. Shared memory stays within the 48 KiB that need no asking for;
    /// few filters go through shallow steps, which cost less where the depth leaves a remainder.
    /// </summary>
    public static readonly MatrixShape[] All =
    [
        new(16, 256, 16, 64, Blocks: 2, Stages: 5),
        new(32, 256, 32, 64, Blocks: 2, Stages: 5),
        new(64, 128, 32, 64, Blocks: 4, Stages: 4),
        new(128, 128, 64, 64, Blocks: 4, Stages: 3),
    ];

    /// <summary>Threads of a group.</summary>
    public int Threads => WarpsOfFilters * (Columns / WarpColumns) * Lanes;

    /// <summary>Warps side by side along filters.</summary>
    public int WarpsOfFilters => Filters / WarpFilters;

    /// <summary>Bytes of shared memory that filters take in one step.</summary>
    public int FilterBytes => Blocks * Filters * PackedBytes.Count;

    /// <summary>Bytes of shared memory of one step: filters, then columns.</summary>
    public int StageBytes => FilterBytes + (Blocks * Columns * PackedBytes.Count);

    /// <summary>Bytes of shared memory of a group.</summary>
    public int SharedBytes => Stages * StageBytes;

    /// <summary>The narrowest shape that holds all filters; the widest where none does.</summary>
    public static MatrixShape For(int filters) =>
        All.FirstOrDefault(s => filters <= s.Filters) ?? All[^1];
}
