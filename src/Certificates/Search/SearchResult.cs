using QSim.Certificates.Proofs;

namespace QSim.Certificates.Search;

/// <summary>What a search came to.</summary>
/// <param name="Verdict">Proved, broken or undecided.</param>
/// <param name="Counterexample">
/// Raw inputs of the box that the program classifies otherwise, which it was run on; null where
/// none was found.
/// </param>
/// <param name="Blame">The stage that was too loose; null where decided.</param>
/// <param name="Nodes">Boxes that were bounded.</param>
public sealed record SearchResult(
    Verdict Verdict, long[]? Counterexample, string? Blame, long Nodes)
{
    /// <summary>Of an undecided box: whether the time was over before its branches were.</summary>
    public bool IsOutOfTime { get; init; }

    /// <summary>
    /// Of a proved box, why; null where nobody asked, or where the search ran its inputs one by
    /// one.
    /// </summary>
    public Proof? Proof { get; init; }
}
