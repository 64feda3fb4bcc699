using System.Globalization;
using QSim.Simulator.Quantization;

namespace QSim.Runner.Conformance;

/// <summary>
/// Frameworks compute a float32 scale in orders that differ in its last bit. A convolution that
/// names no order is replayed in each; the report says which one the file as a whole follows.
/// </summary>
/// <param name="show">How many mismatches to keep in full.</param>
internal sealed class ScaleOrderTally(int show)
{
    private readonly ReplayTally[] _tallies =
        [.. RequantizationScale.OfFloat32.Select(_ => new ReplayTally(show))];

    private bool _allStated = true;

    /// <summary>Replays one convolution in its order, or in all.</summary>
    /// <param name="stated">Its own order; null when it names none.</param>
    /// <param name="replay">Compares it in an order and adds its outputs to a tally.</param>
    public void Add(ScaleOrder? stated, Action<ScaleOrder, ReplayTally> replay)
    {
        _allStated &= stated is not null;
        for (int i = 0; i < _tallies.Length; i++)
            replay(stated ?? RequantizationScale.OfFloat32[i].Order, _tallies[i]);
    }

    /// <summary>The report for the order with the fewest mismatches.</summary>
    public ReplayReport Report(string file, string kind, string note)
    {
        ReplayTally best = _tallies.MinBy(t => t.Mismatches)!;
        string[] fitting =
        [
            .. RequantizationScale
                .OfFloat32.Where((_, i) => _tallies[i].Mismatches == best.Mismatches)
                .Select(o => o.Name),
        ];
        string fits = best.Mismatches == 0 ? "fits" : "fits best";
        long others = _tallies.Max(t => t.Mismatches) - best.Mismatches;
        string how =
            _allStated ? "as each says"
            : fitting.Length == _tallies.Length ? "no output tells one from another"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{string.Join(" or ", fitting)} {fits}, {others} outputs tell");
        return new(
            file, kind, best.Rows, best.Mismatches, best.First,
            $"{note}; float32 scale order: {how}");
    }
}
