using System.Diagnostics;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Training;
using QSim.Attacks.Methods;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Certifying;

namespace QSim.Runner.Studies;

/// <summary>
/// Guesses how long a study takes from a short trial: one epoch on a few images, then every attack
/// on a few images of the float network and of the first profile.
/// </summary>
/// <param name="study">The study.</param>
/// <param name="threads">Most threads.</param>
internal sealed class TimeProbe(StudyInputs study, int threads)
{
    /// <summary>Training images of the trial, at most.</summary>
    public const int TrainingImages = 256;

    /// <summary>Attacked images of the trial, at most.</summary>
    public const int AttackedImages = 32;

    private const int WarmingImages = 4;
    private static readonly TimeSpan TrainingLimit = TimeSpan.FromSeconds(3);

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
            return TimeSpan.FromSeconds(_training + _attacking);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            int attacked = work.Rows.SelectMany(work.Missing).Count(
                c => c.Threat is not null && !StudyCertification.IsOne(c.Attack));
            return _tried == 0
                ? null
                : TimeSpan.FromSeconds(_training + (_attacking * attacked / _tried));
        }
    }

    private void Try(StudyWork work, CancellationToken cancellation)
    {
        CellAddress[] missing = [.. work.Rows.SelectMany(work.Missing)];
        if (missing.Length == 0) return;
        StudyInputs inputs = study.ForSeed(study.Settings.Seed) with
        {
            Profiles = [.. study.Profiles.Take(1)],
        };
        using ITrainableModel model = inputs.Gradients.Create(inputs.Network, threads);
        bool isPerProfile = study.Settings.Recipe.IsPerProfile;
        int networks = missing
            .Select(c => (c.Seed, isPerProfile ? c.Target : ""))
            .Distinct()
            .Count();
        bool isTrained = study.Loaded is null || isPerProfile;
        if (isTrained)
            _training = networks * study.Settings.Epochs * Training(inputs, model, cancellation);
        using HardwareList hardware = HardwareList.Create(
            inputs, new Unseen(), cancellation: cancellation);
        var network = new FloatClassifier(model, AccuracyCell.FloatTarget);
        IDifferentiableClassifier[] probed =
        [
            network,
            .. hardware.All.Select(h => new HardwareClassifier(h.Simulation, h.Profile, model)),
        ];
        foreach (IAttack attack in inputs.Attacks.Select(a => a.Attack))
        {
            foreach (IDifferentiableClassifier target in probed)
            {
                bool isFloat = ReferenceEquals(target, network);
                ILookup<Epsilon, CellAddress> cells = missing.Where(c =>
                    c.Attack == attack.Name && (c.Target == AccuracyCell.FloatTarget) == isFloat
                    && (isFloat || c.Threat != ThreatModel.Transfer)).ToLookup(c => c.Epsilon);
                if (cells.Count == 0) continue;
                _attacking += Attacks(inputs, attack, target, network, cells, cancellation);
                _tried += cells.Sum(c => c.Count());
            }
        }
    }

    /// <summary>
    /// Seconds of one attack at every budget: tried at the least, the middle and the largest, and
    /// between them as if it changed from one budget to the next by the same. A larger budget often
    /// takes less, since images that are fooled are done; where it leaves no more than chance, the
    /// study leaves those behind it out.
    /// </summary>
    private static double Attacks(
        StudyInputs inputs, IAttack attack, IDifferentiableClassifier target,
        FloatClassifier network, ILookup<Epsilon, CellAddress> cells,
        CancellationToken cancellation)
    {
        Epsilon[] epsilons = [.. cells.Select(c => c.Key).Order()];
        int[] tried = [.. new[] { 0, epsilons.Length / 2, epsilons.Length - 1 }.Distinct()];
        double[] took = new double[epsilons.Length];
        bool isWarm = false;
        foreach ((int n, int at) in tried.Index())
        {
            (double seconds, bool isAtChance) = Attack(
                inputs, attack, target, network, epsilons[at], isWarm, cancellation);
            isWarm = true;
            took[at] = seconds;
            int before = n == 0 ? at : tried[n - 1];
            for (int i = before + 1; i < at; i++)
                took[i] = took[before] + ((seconds - took[before]) * (i - before) / (at - before));
            if (inputs.Settings.StopAtChance && isAtChance) break;
        }

        return epsilons.Index().Sum(e => took[e.Index] * cells[e.Item].Count());
    }

    /// <summary>
    /// Seconds of one epoch on all training images; the second of two trials, the first warms up.
    /// Then trains on for a while: attacks on what is hardly trained are no measure.
    /// </summary>
    private static double Training(
        StudyInputs inputs, ITrainableModel model, CancellationToken cancellation)
    {
        Initializer.KaimingUniform(inputs.Network, inputs.Settings.Seed);
        model.Refresh();
        int count = Math.Min(TrainingImages, inputs.Data.Train.Count);
        var images = inputs.Data.Train.Slice(0, count);
        TrainingOptions options = inputs.Settings.Recipe.Options(1, 1, inputs.Data.Train) with
        {
            Validation = null,
        };
        double trial = Second(() =>
            Trainer.Train(
                inputs.Network, model, images.Pixels, images.Labels, options, cancellation));
        int more = (int)Math.Clamp(
            TrainingLimit.TotalSeconds / trial, 1, inputs.Settings.Epochs);
        Trainer.Train(
            inputs.Network, model, images.Pixels, images.Labels, options with { Epochs = more },
            cancellation);
        return trial * inputs.Data.Train.Count / count;
    }

    /// <summary>
    /// Seconds of one attack on all test images, as if each were classified right, and whether it
    /// leaves no more than chance.
    /// </summary>
    private static (double Seconds, bool IsAtChance) Attack(
        StudyInputs inputs, IAttack attack, IDifferentiableClassifier target,
        FloatClassifier network, Epsilon epsilon, bool isWarm, CancellationToken cancellation)
    {
        int count = Math.Min(AttackedImages, inputs.Settings.Images);
        var images = inputs.Data.Test.Slice(0, count);
        var labelled = new LabelledImages(images.Shape, images.Pixels, images.Labels);
        labelled = labelled with { Labels = Evaluation.Classify(target, labelled) };
        ThreatModel threat = inputs.Settings.Threats.First(t =>
            StudyTargets.Shows(t) >= attack.Needs);
        Budget budget = inputs.Settings.Budget(epsilon);
        using BoundAttack bound = StudyTargets.Bind(attack, inputs.Network, target);
        RobustnessResult Run(LabelledImages some) => Evaluation.Run(
            bound.Attack,
            StudyTargets.Of(threat, target, inputs.Settings.EotDraws, network), some, budget,
            cancellation: cancellation);
        if (!isWarm) Run(labelled.Slice(0, Math.Min(WarmingImages, count)));
        var clock = Stopwatch.StartNew();
        JudgeResult judge = Run(labelled).Judges[0];
        double seconds = clock.Elapsed.TotalSeconds * inputs.Settings.Images / count;
        int right = Enumerable.Range(0, count).Count(judge.IsRobust);
        return (seconds, right * inputs.Data.Classes <= count);
    }

    private static double Second(Action trial)
    {
        trial();
        var clock = Stopwatch.StartNew();
        trial();
        return clock.Elapsed.TotalSeconds;
    }

    private sealed class Unseen : IProgressSink
    {
        public void Begin(string stage)
        {
        }

        public void Report(double share, string detail)
        {
        }
    }
}
