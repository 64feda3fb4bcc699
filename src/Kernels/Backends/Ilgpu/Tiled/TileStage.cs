using ILGPU;
using QSim.Kernels.Backends.Ilgpu.Packed;

namespace QSim.Kernels.Backends.Ilgpu.Tiled;

/// <summary>
/// What one thread carries from global to shared memory for one step: words of eight columns and of
/// two filters. Shared memory holds [word][column] and then [word][filter]; the pitches put what a
/// warp reads or writes at once into 32 different banks.
/// </summary>
/// <param name="X">Words of inputs.</param>
/// <param name="W0">Word of weights, first half of the step.</param>
/// <param name="W1">Word of weights, second half.</param>
internal readonly record struct TileStage(EightWords X, int W0, int W1)
{
    /// <summary>Words of four operands that a step of 32 takes.</summary>
    public const int Words = 8;

    /// <summary>From one word of a column to its next.</summary>
    public const int ColumnPitch = TileKernel.Columns + 8;

    /// <summary>From one word of a filter to its next.</summary>
    public const int FilterPitch = TileKernel.Filters + 8;

    /// <summary>Where weights begin.</summary>
    public const int Weights = Words * ColumnPitch;

    /// <summary>Integers of one step.</summary>
    public const int Length = Weights + (Words * FilterPitch);

    private const int WordsPerBlock = 4;
    private const int Quarter = TileKernel.Columns / 4;

    /// <summary>Reads the words of a thread.</summary>
    public static TileStage Load(ArrayView<int> inputs, ArrayView<int> weights, TileCursor at) =>
        new(
            new(
                inputs[at.A], inputs[at.B], inputs[at.C], inputs[at.D], inputs[at.A + at.NextBlock],
                inputs[at.B + at.NextBlock], inputs[at.C + at.NextBlock],
                inputs[at.D + at.NextBlock]),
            weights[at.W],
            weights[at.W + at.NextWeights]
        );

    /// <summary>Writes the words of a thread.</summary>
    /// <param name="shared">The group's memory.</param>
    /// <param name="at">Where the step begins in it.</param>
    public void Store(ArrayView<int> shared, int at)
    {
        int word = Group.IdxX & (WordsPerBlock - 1);
        int lane = Group.IdxX / WordsPerBlock;
        int x = at + (word * ColumnPitch) + lane;
        int y = x + (WordsPerBlock * ColumnPitch);
        shared[x] = X.A;
        shared[x + Quarter] = X.B;
        shared[x + (2 * Quarter)] = X.C;
        shared[x + (3 * Quarter)] = X.D;
        shared[y] = X.E;
        shared[y + Quarter] = X.F;
        shared[y + (2 * Quarter)] = X.G;
        shared[y + (3 * Quarter)] = X.H;
        int w = at + Weights + (word * FilterPitch) + lane;
        shared[w] = W0;
        shared[w + (WordsPerBlock * FilterPitch)] = W1;
    }

    /// <summary>The same with the magnitudes that a check needs.</summary>
    public TileStage As(OperandSigns signs)
    {
        EightWords x = X;
        if (signs == OperandSigns.Magnitudes)
        {
            x = new(
                PackedBytes.Magnitudes(x.A), PackedBytes.Magnitudes(x.B),
                PackedBytes.Magnitudes(x.C), PackedBytes.Magnitudes(x.D),
                PackedBytes.Magnitudes(x.E), PackedBytes.Magnitudes(x.F),
                PackedBytes.Magnitudes(x.G), PackedBytes.Magnitudes(x.H));
        }

        return signs == OperandSigns.Magnitudes || signs == OperandSigns.WeightMagnitudes
            ? new(x, PackedBytes.Magnitudes(W0), PackedBytes.Magnitudes(W1))
            : this;
    }
}
