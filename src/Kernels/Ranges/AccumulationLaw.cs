namespace QSim.Kernels.Ranges;

/// <summary>
/// Which equivalence of ARITHMETIC.md section 7 holds for one accumulator, cheapest first. A
/// backend may compute it by any means that the law allows.
/// </summary>
internal enum AccumulationLaw
{
    /// <summary>
    /// No update can leave the accumulator's range: the sum is an integer sum, in any order and any
    /// width that holds it. Where updates round (<see cref="AccumulatorLaw.RoundsTerms"/>), of
    /// rounded terms.
    /// </summary>
    Exact,

    /// <summary>
    /// Overflow wraps: the sum is a sum modulo 2^W, in any order, wrapped once at the end. Updates
    /// may still overflow, so their events need every step.
    /// </summary>
    Modular,

    /// <summary>
    /// There is one update (two, where the bias comes last): an exact integer sum of all products,
    /// then conversions of the result, whatever their modes.
    /// </summary>
    SinglePartial,

    /// <summary>Every step counts, in its order.</summary>
    Stepwise,
}

/// <summary>The law of one output channel's accumulator.</summary>
/// <param name="Law">Which equivalence holds.</param>
/// <param name="RoundsTerms">
/// For <see cref="AccumulationLaw.Exact"/> and <see cref="AccumulationLaw.Modular"/>: updates drop
/// bits in a mode that commutes with adding whole steps (TRN, RND, RND_MIN_INF), so each partial
/// sum is rounded before it is added.
/// </param>
/// <param name="Products">Every partial sum of products lies in this range.</param>
internal readonly record struct AccumulatorLaw(
    AccumulationLaw Law, bool RoundsTerms, Datapath.ExactRange Products);
