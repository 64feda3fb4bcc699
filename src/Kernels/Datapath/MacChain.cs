namespace QSim.Kernels.Datapath;

/// <summary>
/// What each exact intermediate of a multiply-accumulate unit can be, in hardware order, from the
/// ranges of what goes in: <c>product = input * weight</c>, perhaps converted; a partial sum of
/// <paramref name="Terms"/> products; the accumulator and a partial sum at their common binary
/// point.
/// </summary>
/// <param name="Input">What a multiplier takes: raw inputs less the input offset.</param>
/// <param name="Weight">Raw weights.</param>
/// <param name="Converted">The product format's range; null where products stay exact.</param>
/// <param name="Terms">Products that are summed exactly before each update.</param>
/// <param name="Register">The accumulator's range.</param>
/// <param name="RegisterShift">Its left shift to the common binary point.</param>
/// <param name="PartialShift">The same of a partial sum.</param>
/// <param name="BiasIsUpdate">Whether the bias is one more update, at the end.</param>
internal sealed record MacChain(
    ExactRange Input, ExactRange Weight, ExactRange? Converted, int Terms, ExactRange Register,
    int RegisterShift, int PartialShift, bool BiasIsUpdate = false)
{
    /// <summary>Input times weight.</summary>
    public ExactRange ExactProduct { get; } = Input * Weight;

    /// <summary>What is summed: the exact product, or what it is converted to.</summary>
    public ExactRange Product => Converted ?? ExactProduct;

    /// <summary>The sum of as many products as one update adds.</summary>
    public ExactRange Partial => Product * Terms;

    /// <summary>What one update converts: accumulator plus partial sum.</summary>
    public ExactRange Sum => Aligned + (Partial << PartialShift);

    private ExactRange Aligned => Register << RegisterShift;

    /// <summary>Every intermediate in its order.</summary>
    public IEnumerable<StageWidth> Widths()
    {
        yield return new("the exact product", ExactProduct.Bits);
        yield return new($"the exact sum of {Terms} products", Partial.Bits);
        yield return new(
            "accumulator plus products at their common binary point", Sum.Bits);
        if (BiasIsUpdate) yield return new("accumulator plus bias", (Aligned + Aligned).Bits);
    }
}
