using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Checks;
using QSim.Attacks.Methods;
using QSim.Runner.Studies.Cells;
using QSim.Simulator;

namespace QSim.Runner.Studies;

/// <summary>
/// The missing cells of one row of a plan, budget after budget: all targets meet a budget before
/// any meets the next, so that an interrupted run has whole rows.
/// </summary>
/// <param name="inputs">The study.</param>
/// <param name="row">The row.</param>
/// <param name="work">Where cells are looked up and go to.</param>
/// <param name="targets">The seed's targets.</param>
/// <param name="progress">
/// Told after every batch what share of a cell is done, and what was attacked.
/// </param>
internal sealed class AttackGrid(
    StudyInputs inputs, PlanRow row, StudyWork work, TargetList targets,
    Action<double, string> progress)
{
    /// <summary>Bytes of images that are kept from one budget to the next.</summary>
    private const long MostKept = 256L << 20;

    private readonly LabelledImages _images = targets.Images;
    private readonly IAttack _attack = inputs.Attack(row.Attack).Attack;
    private readonly BorrowedImages _borrowed = new();

    /// <summary>Measures what is missing.</summary>
    /// <param name="cancellation">Stops between steps.</param>
    /// <exception cref="OperationCanceledException">
    /// It was cancelled; cells handed out stay good.
    /// </exception>
    public void Run(CancellationToken cancellation)
    {
        if (row.Threat == ThreatModel.Transfer) Transfer(cancellation);
        else Direct(cancellation);
    }

    private void Direct(CancellationToken cancellation)
    {
        ILookup<string, Budget> budgets = work.Missing(row).ToLookup(
            c => c.Target, c => inputs.Settings.Budget(c.Epsilon));
        string[] missing = [.. budgets.Select(b => b.Key)];
        long images = sizeof(float) * (long)_images.Pixels.Length;
        int together = (int)Math.Clamp(MostKept / images, 1, int.MaxValue);
        foreach (string[] some in _attack.IsMinimalNorm ? missing.Chunk(together) : [missing])
            Direct(some, budgets, cancellation);
    }

    /// <summary>
    /// The smallest changes are looked for once per target, so its images are kept from one budget
    /// to the next; those of other attacks go as soon as they are judged.
    /// </summary>
    private void Direct(
        string[] some, ILookup<string, Budget> budgets, CancellationToken cancellation)
    {
        var kept = new Dictionary<string, TargetGrid>();
        try
        {
            foreach (Epsilon epsilon in row.Epsilons)
                foreach (CellAddress cell in work.Missing(row).ToArray())
                {
                    if (cell.Epsilon != epsilon || !some.Contains(cell.Target)) continue;
                    if (!kept.Remove(cell.Target, out TargetGrid? grid))
                    {
                        IEnumerable<Budget> wanted = _attack.IsMinimalNorm
                            ? budgets[cell.Target]
                            : [inputs.Settings.Budget(epsilon)];
                        grid = Begin(cell, wanted, cancellation);
                    }

                    kept.Add(cell.Target, grid);
                    RobustnessResult result = grid.Next();
                    JudgeResult judge = result.Judges[0];
                    Lend(cell, grid.Bound.Attack, result);
                    work.Add(
                        cell, targets, Enumerable.Range(0, _images.Count).Select(judge.IsRobust),
                        AttackEvidence.Of(result, judge));
                    Save(cell, result.Adversarial, judge);
                    if (_attack.IsMinimalNorm) continue;
                    kept.Remove(cell.Target);
                    grid.Dispose();
                }
        }
        finally
        {
            foreach (TargetGrid grid in kept.Values) grid.Dispose();
        }
    }

    /// <summary>What breaks the float network is there for hardware to be tried with.</summary>
    private void Lend(CellAddress cell, IAttack attack, RobustnessResult result)
    {
        if (cell.Target == AccuracyCell.FloatTarget && Options(cell.Target).Restarts == 1)
            _borrowed.Add(attack, row.Seed, result, _images);
    }

    private TargetGrid Begin(
        CellAddress cell, IEnumerable<Budget> budgets, CancellationToken cancellation)
    {
        string name = cell.Target;
        // What bounds left undecided is looked at first.
        AttackOptions options = Options(name) with { First = work.Open(cell) };
        IDifferentiableClassifier target = targets.Find(name);
        BoundAttack bound = StudyTargets.Bind(_attack, targets.NetworkOf(name), target);
        return new(
            bound,
            Evaluation.RunGrid(
                bound.Attack,
                StudyTargets.Of(
                    row.Threat!.Value, target, inputs.Settings.EotDraws,
                    targets.Find(AccuracyCell.FloatTarget)),
                _images, budgets, options, cancellation).GetEnumerator());
    }

    /// <summary>
    /// The images are made once, on the row's source, and everyone is judged on the same ones.
    /// </summary>
    private void Transfer(CancellationToken cancellation)
    {
        foreach (Epsilon epsilon in row.Epsilons)
        {
            CellAddress[] missing = [.. work.Missing(row).Where(c => c.Epsilon == epsilon)];
            if (missing.Length == 0) continue;
            SharedImages shared = Make(targets.Find(row.Source), missing[0], cancellation);
            using var adversarial = new SimulationImages(shared.Pixels, _images.Shape.Length);
            foreach (CellAddress cell in missing)
            {
                IClassifier judge = targets.Find(cell.Target);
                var verdict = new JudgeResult(
                    cell.Target, _images.Labels,
                    targets.Clean.Of([judge], _images, cancellation: cancellation)[0],
                    Evaluation.Classify(judge, _images, adversarial, cancellation: cancellation));
                work.Add(
                    cell, targets, Enumerable.Range(0, _images.Count).Select(verdict.IsRobust),
                    cell.Target == row.Source ? shared.Evidence : shared.Evidence.Elsewhere());
                Save(cell, shared.Pixels, verdict);
            }
        }
    }

    private void Save(CellAddress cell, float[] adversarial, JudgeResult judge)
    {
        if (row.Purpose == RowPurpose.Figure)
            work.Saved?.Save(cell, _images, adversarial, judge, targets.Find(cell.Target));
    }

    private SharedImages Make(
        IDifferentiableClassifier source, CellAddress cell, CancellationToken cancellation) =>
        work.Cached(
            work.Keys.Images(cell),
            _images,
            () =>
            {
                using BoundAttack bound = StudyTargets.Bind(
                    _attack, targets.NetworkOf(row.Source), source);
                RobustnessResult result = Evaluation.Run(
                    bound.Attack,
                    AttackTarget.Transfer(
                        StudyTargets.Source(source, inputs.Settings.EotDraws),
                        new KnownLabels(source, _images.Labels)),
                    _images, inputs.Settings.Budget(cell.Epsilon), Options(row.Source),
                    cancellation);
                return new(AttackEvidence.Of(result, result.Judges[0]), result.Adversarial);
            });

    private AttackOptions Options(string target) =>
        new()
        {
            Seed = row.Seed,
            Restarts = inputs.Attack(row.Attack).Restarts ?? inputs.Settings.Restarts,
            Clean = targets.Clean,
            Borrowed = _borrowed,
            Progress = at =>
                progress(
                    (double)at.Done / at.Total,
                    (at.Attack == row.Attack ? "" : $"{at.Attack} ")
                        + $"{at.Budget.Epsilon} on {target}"),
        };

    /// <summary>One target's results, budget after budget.</summary>
    private sealed record TargetGrid(BoundAttack Bound, IEnumerator<RobustnessResult> Results)
        : IDisposable
    {
        public RobustnessResult Next()
        {
            Results.MoveNext();
            return Results.Current;
        }

        public void Dispose()
        {
            Results.Dispose();
            Bound.Dispose();
        }
    }

    /// <summary>
    /// Judges every image right, so that an attack is made on all of them, not only on those that
    /// somebody of a particular study gets right: the images are then the same for every study.
    /// </summary>
    private sealed class KnownLabels(IClassifier like, int[] labels) : IClassifier
    {
        public string Name => "labels";

        public QSim.Kernels.Datapath.TensorShape Input => like.Input;

        public int Classes => like.Classes;

        public void Classify(
            ReadOnlySpan<float> images, ReadOnlySpan<long> indices, Span<float> logits,
            Span<int> classes)
        {
            for (int i = 0; i < indices.Length; i++) classes[i] = labels[indices[i]];
        }
    }
}
