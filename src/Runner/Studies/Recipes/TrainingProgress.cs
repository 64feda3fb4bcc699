using System.Diagnostics;
using QSim.Attacks.Gradients.Training;
using QSim.Runner.Output.Progress;

namespace QSim.Runner.Studies.Recipes;

/// <summary>
/// Tells how training gets on: the epoch, what it came to, how long the rest takes if none is left
/// out.
/// </summary>
/// <param name="progress">Who is told.</param>
/// <param name="epochs">Epochs at most.</param>
internal sealed class TrainingProgress(IProgressSink progress, int epochs)
{
    private const int StepsPerEpoch = 50;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private string _last = "";
    private double _told = -1;

    /// <summary>After a step; tells every fiftieth of an epoch.</summary>
    public void Step(int epoch, double share)
    {
        double done = epoch - 1 + share;
        if (share >= 1 || done - _told < 1.0 / StepsPerEpoch) return;
        _told = done;
        progress.Report(done / epochs, $"epoch {epoch} of {epochs}{_last}{Rest(done)}");
    }

    /// <summary>After an epoch.</summary>
    public bool Epoch(EpochReport report)
    {
        string held = report.ValidationAccuracy is { } accuracy
            ? FormattableString.Invariant($", {100 * accuracy:F1} % of those held out")
            : "";
        _last = FormattableString.Invariant(
            $": {100 * report.Accuracy:F1} % right in training{held}");
        progress.Report(
            (double)report.Epoch / epochs,
            $"epoch {report.Epoch} of {epochs}{_last}{Rest(report.Epoch)}");
        return true;
    }

    private string Rest(double done) => _clock.Elapsed.TotalSeconds < 2 || done >= epochs
        ? ""
        : $", at most {RemainingTime.InWords(_clock.Elapsed * ((epochs / done) - 1))} left";
}
