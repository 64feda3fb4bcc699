using System.Diagnostics;

namespace QSim.Runner.Studies;

/// <summary>How long the rest of a row-by-row job takes, if it goes on at the row's pace.</summary>
internal sealed class RemainingTime
{
    private readonly Stopwatch _clock = new();

    /// <summary>A row begins.</summary>
    public void Start() => _clock.Restart();

    /// <summary>As <c>about 3 min left: </c>; nothing before there is a pace.</summary>
    /// <param name="done">Cells done since the start.</param>
    /// <param name="total">Cells that were missing at the start.</param>
    public string After(double done, int total) => done < 0.5 || _clock.Elapsed.TotalSeconds < 2
        ? ""
        : $"about {InWords(_clock.Elapsed * Math.Max(0, (total / done) - 1))} left: ";

    /// <summary>A length of time as people say it.</summary>
    public static string InWords(TimeSpan time) => time.TotalSeconds switch
    {
        < 90 => $"{Math.Ceiling(time.TotalSeconds):F0} s",
        < 90 * 60 => $"{Math.Ceiling(time.TotalMinutes):F0} min",
        _ => FormattableString.Invariant($"{time.TotalHours:F1} h"),
    };
}
