using System.Diagnostics;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Training;
using QSim.Attacks.Methods;
using QSim.Runner.Data;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Certifying;
using QSim.Runner.Studies.Recipes;

namespace QSim.Runner.Studies;

/// <summary>
/// Guesses how long a study takes from a short trial: training for a few seconds, then every attack
/// on the float network and on up to three of the profiles.
/// </summary>
/// <param name="study">The study.</param>
/// <param name="threads">Most threads.</param>
internal sealed class TimeProbe(StudyInputs study, int threads)
{
    private const int TrainingImages = 256;
    private static readonly TimeSpan TrainingLimit = TimeSpan.FromSeconds(3);

    private double _fixed;
    private double _training;
    private double _attacking;
    private int _tried;

    /// <summary>Whether the last trial came to its end within the limit.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>
    /// How long what is missing may take; by the attacks that were tried within the limit, null
    /// when there is none.
    /// </summary>
    public TimeSpan? Estimate(StudyWork work, TimeSpan limit, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stop.CancelAfter(limit);
        try
        {
            Try(work, stop.Token);
            IsWhole = true;
            return TimeSpan.FromSeconds(_fixed + _training + _attacking);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            int attacked = work.Rows.SelectMany(work.Missing).Count(
                c => c.Threat is not null && !StudyCertification.IsOne(c.Attack));
            return _tried == 0
                ? null
                : TimeSpan.FromSeconds(
                    _fixed + _training + (_attacking * attacked / _tried));
        }
    }

    private void Try(StudyWork work, CancellationToken cancellation)
    {
        CellAddress[] missing = [.. work.Rows.SelectMany(work.Missing)];
        if (missing.Length == 0) return;
        StudyInputs inputs = study.ForSeed(study.Settings.Seed) with { Profiles = [.. Probed()] };
        using ITrainableModel model = inputs.Gradients.Create(inputs.Network, threads);
        bool isPerProfile = study.Settings.Recipe.IsPerProfile;
        int networks = missing
            .Select(c => (c.Seed, isPerProfile ? c.Target : ""))
            .Distinct()
            .Count();
        bool isTrained = study.Loaded is null || isPerProfile;
        if (isTrained)
            _training = networks * study.Settings.Epochs * Training(inputs, model, cancellation);
        var clock = Stopwatch.StartNew();
        using HardwareList hardware = HardwareList.Create(
            inputs, Unseen.Progress, cancellation: cancellation);
        var network = new FloatClassifier(model, AccuracyCell.FloatTarget);
        HardwareClassifier[] made =
            [.. hardware.All.Select(h => new HardwareClassifier(h.Simulation, h.Profile, model))];
        Clean(inputs, [network, .. made]);
        int targets = missing.Select(c => (c.Seed, c.Target)).Distinct().Count();
        _fixed = clock.Elapsed.TotalSeconds * targets / (made.Length + 1);
        foreach (var bounds in missing.Where(c => c.Attack == StudyCertification.Bounds)
            .GroupBy(c => c.Epsilon))
            _fixed += bounds.Count() * hardware.All.Average(h => BoundsTrial.Seconds(
                inputs, h.Simulation, bounds.Key, cancellation));
        var trial = new AttackTrial(inputs, network, cancellation);
        foreach (IAttack attack in inputs.Attacks.Select(a => a.Attack))
        {
            CellAddress[] cells =
                [.. missing.Where(c => c.Attack == attack.Name && c.Threat is not null)];
            Attack(trial, attack, [network], [.. cells.Where(IsFloat)]);
            Attack(
                trial, attack, made,
                [.. cells.Where(c => !IsFloat(c) && c.Threat != ThreatModel.Transfer)]);
        }

        static bool IsFloat(CellAddress cell) => cell.Target == AccuracyCell.FloatTarget;
    }

    /// <summary>
    /// Adds what the cells of an attack take; those of a target that is not tried take what the
    /// others do on average.
    /// </summary>
    private void Attack(
        AttackTrial trial, IAttack attack, IDifferentiableClassifier[] targets,
        CellAddress[] cells)
    {
        if (cells.Length == 0) return;
        Epsilon[] epsilons = [.. cells.Select(c => c.Epsilon).Distinct().Order()];
        var took = targets.ToDictionary(t => t.Name, t => trial.Seconds(attack, t, epsilons));
        foreach (CellAddress cell in cells)
            _attacking += took.TryGetValue(cell.Target, out var own)
                ? own[cell.Epsilon]
                : took.Values.Average(t => t[cell.Epsilon]);
        _tried += cells.Length;
    }

    /// <summary>The first profile, the last and the one in the middle.</summary>
    private IEnumerable<StudyProfile> Probed()
    {
        int count = study.Profiles.Count;
        return new[] { 0, count / 2, count - 1 }.Where(i => i >= 0 && i < count).Distinct()
            .Select(i => study.Profiles[i]);
    }

    private static void Clean(StudyInputs inputs, IEnumerable<IClassifier> targets)
    {
        ImageSet images = inputs.Data.Test.Slice(
            0, Math.Min(inputs.Settings.Images, inputs.Data.Test.Count));
        var labelled = new LabelledImages(images.Shape, images.Pixels, images.Labels);
        foreach (IClassifier target in targets) Evaluation.Classify(target, labelled);
    }

    /// <summary>
    /// Seconds of one epoch on all training images. Trains as the study does, or on fewer images
    /// where that takes too long: attacks on what is hardly trained are no measure.
    /// </summary>
    private static double Training(
        StudyInputs inputs, ITrainableModel model, CancellationToken cancellation)
    {
        int all = inputs.Data.Train.Count;
        int count = Math.Min(TrainingImages, all);
        Train(count, 1);
        double share = TrainingLimit / (Train(count, 1) * all / count);
        count = (int)Math.Clamp(all * share, count, all);
        int epochs = (int)Math.Clamp(share, 1, inputs.Settings.Epochs);
        return Train(count, epochs).TotalSeconds / epochs * all / count;

        TimeSpan Train(int images, int times)
        {
            Initializer.KaimingUniform(inputs.Network, inputs.Settings.Seed);
            model.Refresh();
            ImageSet some = inputs.Data.Train.Slice(0, images);
            TrainingRecipe recipe = inputs.Settings.Recipe.ForShare((double)images / all);
            var clock = Stopwatch.StartNew();
            Trainer.Train(
                inputs.Network, model, some.Pixels, some.Labels,
                recipe.Options(times, inputs.Settings.Seed, some), cancellation);
            return clock.Elapsed;
        }
    }
}
