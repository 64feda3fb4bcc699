using System.Globalization;
using QSim.Kernels.Arithmetic;

namespace QSim.Runner.Conformance;

/// <summary>
/// The two dialects differ in few corner cases. Where neither the user nor the row names one, a row
/// is replayed in both; the report says which dialect the file as a whole follows, and how many
/// rows tell.
/// </summary>
/// <param name="options">What the user says.</param>
internal sealed class DialectTally(ReplayOptions options)
{
    private readonly ReplayTally _ap = new(options.Show);
    private readonly ReplayTally _systemC = new(options.Show);
    private long _telling;
    private long _stated;

    /// <summary>Replays one row in its dialect, or in both.</summary>
    /// <param name="stated">The row's own dialect; null when it names none.</param>
    /// <param name="replay">
    /// Compares the row in a dialect, adds it to a tally, returns what QSim gives.
    /// </param>
    public void Add<T>(OverflowDialect? stated, Func<OverflowDialect, ReplayTally, T> replay)
    {
        if (stated is not null) _stated++;
        stated ??= options.Dialect;
        T first = replay(stated ?? OverflowDialect.Ap, _ap);
        T second = replay(stated ?? OverflowDialect.SystemC, _systemC);
        if (!EqualityComparer<T>.Default.Equals(first, second)) _telling++;
    }

    /// <summary>The report for the dialect with fewer mismatches.</summary>
    public ReplayReport Report(string file, string kind, string note)
    {
        ReplayTally best = _systemC.Mismatches < _ap.Mismatches ? _systemC : _ap;
        string dialect = best == _systemC ? Modes.SystemC : Modes.Ap;
        string how = _stated == best.Rows ? "as each row says"
            : options.Dialect is { } named ? $"{Modes.NameOf(named)}, as you say"
            : _telling == 0 ? "no row tells ap from systemc"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{dialect} {(best.Mismatches == 0 ? "fits" : "fits better")}, {_telling} rows tell"
            );
        string text = note.Length == 0 ? $"dialect: {how}" : $"{note}; dialect: {how}";
        return new(file, kind, best.Rows, best.Mismatches, best.First, text);
    }
}
