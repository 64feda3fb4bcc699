using ILGPU;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// A row of a pool's gradient, eight values of it: two rows of its input's. Pairs of columns begin
/// at an even one, which may be the one before the first that is wanted.
/// </summary>
/// <param name="Gradients">Of the pool, 0 beside the image.</param>
/// <param name="Winners">What won: <see cref="Quad.Code"/>.</param>
/// <param name="Odd">1 where the first value that is wanted is the second of its pair.</param>
internal readonly record struct SpreadRows(EightFloats Gradients, EightMasks Winners, int Odd)
{
    private const int Lanes = ImageBlocks.Lanes;

    /// <summary>Reads one.</summary>
    /// <param name="from">Where.</param>
    /// <param name="at">The first pair.</param>
    /// <param name="odd">1 where the first column that is wanted is the second of its pair.</param>
    /// <param name="count">How many are wanted: up to 15.</param>
    public static SpreadRows Of<TWeight>(
        SpreadInput<TWeight> from, long at, int odd, int count)
        where TWeight : unmanaged
    {
        ArrayView<float> gradients = from.Gradients.SubView(at);
        ArrayView<byte> winners = from.Winners.SubView(at);
        RowEdges edges = from.Edges;
        int pairs = (count + odd + 1) / 2;
        return new(
            new(
                Load(gradients, edges, 0, pairs), Load(gradients, edges, 1, pairs),
                Load(gradients, edges, 2, pairs), Load(gradients, edges, 3, pairs),
                Load(gradients, edges, 4, pairs), Load(gradients, edges, 5, pairs),
                Load(gradients, edges, 6, pairs), Load(gradients, edges, 7, pairs)),
            new(
                winners[0], pairs > 1 ? winners[Lanes] : 0u, pairs > 2 ? winners[2 * Lanes] : 0u,
                pairs > 3 ? winners[3 * Lanes] : 0u, pairs > 4 ? winners[4 * Lanes] : 0u,
                pairs > 5 ? winners[5 * Lanes] : 0u, pairs > 6 ? winners[6 * Lanes] : 0u,
                pairs > 7 ? winners[7 * Lanes] : 0u),
            odd);
    }

    /// <summary>One of the two rows.</summary>
    /// <param name="below">1 for the lower one.</param>
    public HeldRow Row(int below) => new(
        new(
            Value(0, below), Value(1, below), Value(2, below), Value(3, below),
            Value(4, below), Value(5, below), Value(6, below), Value(7, below)),
        new(
            Value(8, below), Value(9, below), Value(10, below), Value(11, below),
            Value(12, below), Value(13, below), Value(14, below), 0));

    // Both columns of a pair lie in the image, or none.
    private static float Load(
        ArrayView<float> gradients, RowEdges edges, int pair, int pairs) =>
        pair < pairs ? edges.Clear(gradients[pair * Lanes], 2 * pair) : 0;

    private float Value(int j, int below)
    {
        int pair = (j + Odd) / 2;
        return Winners.Of(pair) == (uint)((2 * below) + ((j + Odd) % 2)) ? Gradients.Of(pair) : 0;
    }
}
