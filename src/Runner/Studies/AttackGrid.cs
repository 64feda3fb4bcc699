using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods;
using QSim.Runner.Data;
using QSim.Runner.Statistics;

namespace QSim.Runner.Studies;

/// <summary>
/// One attack on every target, budget after budget: all targets meet a budget before any meets the next, so
/// that an interrupted run has whole rows.
/// </summary>
/// <param name="attack">The attack.</param>
/// <param name="targets">What is attacked, each with its own gradients.</param>
/// <param name="images">The images.</param>
/// <param name="settings">Budgets, seed, and whether to stop at chance.</param>
public sealed class AttackGrid(
    IAttack attack, IReadOnlyList<AttackTarget> targets, ImageSet images, StudySettings settings)
{
    /// <summary>Runs it.</summary>
    /// <param name="progress">Told what is being attacked, and the share of the whole grid that is done.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; cells handed out stay good.</exception>
    public IEnumerable<AccuracyCell> Run(Action<double, string> progress, CancellationToken cancellation)
    {
        var labelled = new LabelledImages(images.Shape, images.Pixels, images.Labels);
        Epsilon[] epsilons = [.. settings.Epsilons.Where(e => e.Value > 0)];
        int done = 0, total = epsilons.Length * targets.Count;
        var options = new AttackOptions
        {
            Seed = settings.Seed,
            Progress = at => progress(
                (done + ((double)at.Done / at.Total)) / total,
                $"{at.Attack} {at.Budget.Epsilon} on {targets[done % targets.Count].Judges[0].Name}"),
        };
        IEnumerator<RobustnessResult>[] rows = [.. targets.Select(target => Evaluation.RunGrid(
            attack, target, labelled, epsilons.Select(e => new Budget(Norm.Linf, e)), options, cancellation)
            .GetEnumerator())];
        foreach (Epsilon epsilon in epsilons)
        {
            bool isChance = true;
            foreach (IEnumerator<RobustnessResult> row in rows)
            {
                row.MoveNext();
                foreach (JudgeResult judge in row.Current.Judges)
                {
                    AccuracyCell cell = AccuracyCell.Of(
                        judge.Name, attack.Name, epsilon, new Proportion(judge.RobustRight, images.Count));
                    isChance &= cell.Low95 <= 1.0 / targets[0].Source.Classes;
                    yield return cell;
                }

                done++;
            }

            if (!isChance || !settings.StopAtChance) continue;
            progress(1, $"at chance from {epsilon} on: larger budgets left out");
            break;
        }
    }
}
