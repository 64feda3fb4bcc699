using ILGPU;
using ILGPU.Runtime;

namespace QSim.Kernels.Backends.Ilgpu.Packed;

/// <summary>What the sum kernel is compiled for.</summary>
/// <param name="InputSigned">1 when packed inputs are signed bytes.</param>
/// <param name="Checks">1 when sums of magnitudes are needed too.</param>
internal readonly record struct SumModes(int InputSigned, int Checks);

/// <summary>
/// Four sums that one thread keeps in registers: one filter against four columns.
/// </summary>
/// <param name="A">Of the first column.</param>
/// <param name="B">Of the second.</param>
/// <param name="C">Of the third.</param>
/// <param name="D">Of the fourth.</param>
internal readonly record struct FourSums(int A, int B, int C, int D)
{
    /// <summary>Sixteen steps more.</summary>
    public FourSums Add(PackedBytes w, in FourColumns x, int inputSigned) => new(
        DotProduct.Add(x.A, w, A, inputSigned),
        DotProduct.Add(x.B, w, B, inputSigned),
        DotProduct.Add(x.C, w, C, inputSigned),
        DotProduct.Add(x.D, w, D, inputSigned));

    /// <summary>Sixteen steps more, of magnitudes.</summary>
    public FourSums AddMagnitudes(PackedBytes w, in FourColumns x) => new(
        DotProduct.AddMagnitudes(x.A, w, A),
        DotProduct.AddMagnitudes(x.B, w, B),
        DotProduct.AddMagnitudes(x.C, w, C),
        DotProduct.AddMagnitudes(x.D, w, D));
}

/// <summary>Sixteen operands of each of four columns.</summary>
/// <param name="A">The first column's.</param>
/// <param name="B">The second's.</param>
/// <param name="C">The third's.</param>
/// <param name="D">The fourth's.</param>
internal readonly record struct FourColumns(
    PackedBytes A, PackedBytes B, PackedBytes C, PackedBytes D)
{
    /// <summary>The same without signs.</summary>
    public FourColumns Magnitudes(int inputSigned) => inputSigned == 0
        ? this
        : new(A.Magnitudes(), B.Magnitudes(), C.Magnitudes(), D.Magnitudes());
}

/// <summary>
/// The exact integer matrix product: each thread keeps 4 filters x 4 columns in registers, so that
/// eight loads feed 64 multiply-adds of four bytes each. Columns of one thread lie a quarter of all
/// columns apart, so that neighbouring threads read neighbouring memory whatever the warp's size.
/// </summary>
internal static class SumKernel
{
    /// <summary>Filters, and columns, per thread.</summary>
    public const int Tile = 4;

    /// <summary>One tile.</summary>
    /// <param name="index">(filter / 4) * quarter + first column.</param>
    /// <param name="inputs">[block][column].</param>
    /// <param name="weights">
    /// [block][filter], filters filled up to a multiple of 4 with zeros.
    /// </param>
    /// <param name="magnitudes">The same without signs.</param>
    /// <param name="exact">Filled, the bounds when the modes ask for them.</param>
    /// <param name="filters">Filters, without the zeros.</param>
    /// <param name="blocks">Blocks of 16 steps.</param>
    /// <param name="modes">What the kernel is compiled for.</param>
    public static void Run(
        Index1D index, ArrayView<PackedBytes> inputs, ArrayView<PackedBytes> weights,
        ArrayView<PackedBytes> magnitudes, ExactSums exact, int filters, int blocks,
        SpecializedValue<SumModes> modes) =>
        Compute(index, inputs, weights, magnitudes, exact, filters, blocks, modes.Value);

    /// <summary>The same for modes that are constants where it is inlined.</summary>
    public static void Compute(
        Index1D index, ArrayView<PackedBytes> inputs, ArrayView<PackedBytes> weights,
        ArrayView<PackedBytes> magnitudes, ExactSums exact, int filters, int blocks, SumModes modes)
    {
        int columns = exact.Columns;
        int quarter = (columns + Tile - 1) / Tile;
        int column = index % quarter;
        int filter = index / quarter * Tile;
        int stride = (filters + Tile - 1) / Tile * Tile;

        // Columns past the last are read as the last, and not stored.
        int a = column;
        int b = IntrinsicMath.Min(column + quarter, columns - 1);
        int c = IntrinsicMath.Min(column + (2 * quarter), columns - 1);
        int d = IntrinsicMath.Min(column + (3 * quarter), columns - 1);
        int w = filter;
        FourSums s0 = default, s1 = default, s2 = default, s3 = default;
        FourSums m0 = default, m1 = default, m2 = default, m3 = default;
        for (int block = 0; block < blocks; block++)
        {
            var x = new FourColumns(inputs[a], inputs[b], inputs[c], inputs[d]);
            s0 = s0.Add(weights[w], x, modes.InputSigned);
            s1 = s1.Add(weights[w + 1], x, modes.InputSigned);
            s2 = s2.Add(weights[w + 2], x, modes.InputSigned);
            s3 = s3.Add(weights[w + 3], x, modes.InputSigned);
            if (modes.Checks == 1)
            {
                FourColumns y = x.Magnitudes(modes.InputSigned);
                m0 = m0.AddMagnitudes(magnitudes[w], y);
                m1 = m1.AddMagnitudes(magnitudes[w + 1], y);
                m2 = m2.AddMagnitudes(magnitudes[w + 2], y);
                m3 = m3.AddMagnitudes(magnitudes[w + 3], y);
            }

            a += columns;
            b += columns;
            c += columns;
            d += columns;
            w += stride;
        }

        StoreTile(exact.Sums, filter, column, quarter, filters, columns, s0, s1, s2, s3);
        if (modes.Checks == 1)
            StoreTile(exact.Bounds, filter, column, quarter, filters, columns, m0, m1, m2, m3);
    }

    private static void StoreTile(
        ArrayView<int> target,
        int filter,
        int column,
        int quarter,
        int filters,
        int columns,
        FourSums s0,
        FourSums s1,
        FourSums s2,
        FourSums s3)
    {
        Store(target, filter, column, quarter, filters, columns, s0);
        Store(target, filter + 1, column, quarter, filters, columns, s1);
        Store(target, filter + 2, column, quarter, filters, columns, s2);
        Store(target, filter + 3, column, quarter, filters, columns, s3);
    }

    private static void Store(
        ArrayView<int> target, int filter, int column, int quarter, int filters, int columns,
        FourSums sums)
    {
        if (filter >= filters) return;
        int row = filter * columns;
        target[row + column] = sums.A;
        if (column + quarter < columns) target[row + column + quarter] = sums.B;
        if (column + (2 * quarter) < columns) target[row + column + (2 * quarter)] = sums.C;
        if (column + (3 * quarter) < columns) target[row + column + (3 * quarter)] = sums.D;
    }
}
