using System.Diagnostics;
using System.Globalization;

namespace QSim.Runner.Output.Progress;

/// <summary>Lines for a redirected stderr: a few per stage, not one per step.</summary>
internal sealed class PlainProgress(Screen screen) : IProgressSink
{
    private const double Step = 0.2;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private double _next;

    /// <inheritdoc/>
    public void Begin(string stage)
    {
        _next = Step;
        screen.Note(FormattableString.Invariant($"[{_clock.Elapsed.TotalSeconds,5:F1} s] {stage}"));
    }

    /// <inheritdoc/>
    public void Report(double share, string detail)
    {
        if (share + 1e-9 < _next)
            return;
        while (_next <= share + 1e-9)
            _next += Step;
        screen.Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"[{_clock.Elapsed.TotalSeconds,5:F1} s]  {100 * share,3:F0} %  {detail}"));
    }
}
