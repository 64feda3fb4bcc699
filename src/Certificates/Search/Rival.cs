using QSim.Certificates.Bounds;
using QSim.Certificates.Functions;

namespace QSim.Certificates.Search;

/// <summary>A class that might win.</summary>
/// <param name="Class">The class.</param>
/// <param name="Label">The label.</param>
/// <param name="Last">The layer that gives the logits.</param>
/// <param name="Function">
/// The function that both logits are of their arguments; null where they have none in common.
/// </param>
internal sealed record Rival(int Class, int Label, int Last, ScalarFunction? Function)
{
    /// <summary>The tensor whose order is that of logits.</summary>
    public required int Tensor { get; init; }

    /// <summary>It loses where its value less the label's is below this.</summary>
    public required double Threshold { get; init; }

    /// <summary>Whether bounds exclude that it wins; rows are those of a node's bound.</summary>
    public bool Loses(Stage decision, ReadOnlySpan<double> bounds)
    {
        if (bounds[3] < Threshold) return true;
        if (Function is null) return false;
        Interval mine = decision.Argument[Label], theirs = decision.Argument[Class];
        if (bounds[1] < theirs.Low || -bounds[2] > mine.High) return true;
        Interval label = mine with { Low = Math.Max(mine.Low, Up(-bounds[2])) },
            other = theirs with { High = Math.Min(theirs.High, -Up(-bounds[1])) };
        return label.Low > label.High || other.Low > other.High
            || Decision.Loses(Function, label, other, bounds[0], Class < Label);
    }

    /// <summary>The least integer that is not below; far out, the least long.</summary>
    private static long Up(double value) =>
        value > -(1L << 62) ? (long)Math.Ceiling(Math.Min(value, 1L << 62)) : long.MinValue / 2;
}
