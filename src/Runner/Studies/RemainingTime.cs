namespace QSim.Runner.Studies;

/// <summary>
/// How long the rest of a row-by-row job takes, if the row goes on at its pace and later ones at
/// that of their attack, where it was seen before.
/// </summary>
/// <param name="clock">What time it is.</param>
internal sealed class RemainingTime(TimeProvider clock)
{
    private long _start;
    private readonly Dictionary<string, TimeSpan> _pace = [];
    private string _attack = "";

    /// <summary>A row begins.</summary>
    /// <param name="attack">Its attack.</param>
    public void Start(string attack)
    {
        _attack = attack;
        _start = clock.GetTimestamp();
    }

    /// <summary>As <c>about 3 min left: </c>; nothing before there is a pace.</summary>
    /// <param name="done">Cells of the row done since the start.</param>
    /// <param name="left">Cells of the row that are still to do.</param>
    /// <param name="later">Cells of the rows behind it, by attack.</param>
    /// <param name="then">What comes behind these, in words.</param>
    public string After(
        double done, double left, IEnumerable<(string Attack, double Cells)> later,
        string then = "")
    {
        TimeSpan elapsed = clock.GetElapsedTime(_start);
        if (done < 0.5 || elapsed.TotalSeconds < 2) return "";
        _pace[_attack] = elapsed / done;
        return $"about {InWords(Left(_pace[_attack], left, later, _pace))} left{then}: ";
    }

    /// <summary>Whether the pace of an attack was seen.</summary>
    public bool Knows(string attack) => _pace.ContainsKey(attack);

    /// <summary>Cells at a pace, and those behind them at their own or else at the same.</summary>
    internal static TimeSpan Left(
        TimeSpan pace, double left, IEnumerable<(string Attack, double Cells)> later,
        IReadOnlyDictionary<string, TimeSpan> known) =>
        later.Aggregate(
            pace * left,
            (sum, row) => sum + (known.GetValueOrDefault(row.Attack, pace) * row.Cells));

    /// <summary>A length of time as people say it.</summary>
    public static string InWords(TimeSpan time) => time.TotalSeconds switch
    {
        < 90 => $"{Math.Ceiling(time.TotalSeconds):F0} s",
        < 90 * 60 => $"{Math.Ceiling(time.TotalMinutes):F0} min",
        _ => FormattableString.Invariant($"{time.TotalHours:F1} h"),
    };
}
