using System.Collections.Immutable;
using QSim.Certificates.Bounds;
using QSim.Certificates.Proofs;

namespace QSim.Certificates.Search;

/// <summary>A limit on an argument: what a branch of a search is about.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Output">Which of its outputs.</param>
/// <param name="Argument">Where the argument lies.</param>
internal readonly record struct Limit(int Layer, int Output, Interval Argument);

/// <summary>A branch: all inputs of the box whose arguments lie within limits.</summary>
/// <param name="Limits">The limits, one for an argument at most.</param>
/// <param name="Bound">What is proved of it so far.</param>
/// <param name="Path">The splits that lead there.</param>
internal sealed record Node(
    ImmutableList<Limit> Limits, double Bound, ImmutableList<Split> Path)
{
    /// <summary>The branch with one more limit.</summary>
    public Node With(Limit limit, Split split) => new(
        Limits.RemoveAll(l => (l.Layer, l.Output) == (limit.Layer, limit.Output)).Add(limit),
        Bound, Path.Add(split));
}
