using System.Diagnostics;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Training;
using QSim.Attacks.Methods;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies.Cells;

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

    /// <summary>
    /// How long what is missing may take; null when the trial itself takes longer than the limit.
    /// </summary>
    public TimeSpan? Estimate(StudyWork work, TimeSpan limit, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stop.CancelAfter(limit);
        try
        {
            return TimeSpan.FromSeconds(Seconds(work, stop.Token));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private double Seconds(StudyWork work, CancellationToken cancellation)
    {
        CellAddress[] missing = [.. work.Rows.SelectMany(work.Missing)];
        if (missing.Length == 0)
            return 0;
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
        double seconds = isTrained
            ? networks * study.Settings.Epochs * Training(inputs, model, cancellation)
            : 0;
        using HardwareList hardware = HardwareList.Create(inputs, new Unseen());
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
                int cells = missing.Count(c =>
                    c.Attack == attack.Name && (c.Target == AccuracyCell.FloatTarget) == isFloat
                    && (isFloat || c.Threat != ThreatModel.Transfer));
                if (cells > 0)
                    seconds += cells * Attack(inputs, attack, target, network, cancellation);
            }
        }

        return seconds;
    }

    /// <summary>
    /// Seconds of one epoch on all training images; the second of two trials, the first warms up.
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
        return Second(() =>
                Trainer.Train(
                    inputs.Network, model, images.Pixels, images.Labels, options, cancellation))
            * inputs.Data.Train.Count
            / count;
    }

    /// <summary>
    /// Seconds of one attack on all test images, as if each were classified right.
    /// </summary>
    private static double Attack(
        StudyInputs inputs, IAttack attack, IDifferentiableClassifier target,
        FloatClassifier network, CancellationToken cancellation)
    {
        int count = Math.Min(AttackedImages, inputs.Settings.Images);
        var images = inputs.Data.Test.Slice(0, count);
        var labelled = new LabelledImages(images.Shape, images.Pixels, images.Labels);
        labelled = labelled with { Labels = Evaluation.Classify(target, labelled) };
        ThreatModel threat = inputs.Settings.Threats.First(t =>
            StudyTargets.Shows(t) >= attack.Needs);
        Epsilon[] epsilons = [.. inputs.Settings.Epsilons.Where(e => e.Value > 0)];
        // Without budgets only the check that everything breaks when everything is allowed is left.
        Epsilon epsilon = epsilons.Length == 0
            ? inputs.Resolve().LargestEpsilon
            : epsilons[epsilons.Length / 2];
        Budget budget = inputs.Settings.Budget(epsilon);
        using BoundAttack bound = StudyTargets.Bind(attack, inputs.Network, target);
        return Second(() => Evaluation.Run(
            bound.Attack,
            StudyTargets.Of(threat, target, inputs.Settings.EotDraws, network), labelled, budget,
            cancellation: cancellation))
            * inputs.Settings.Images / count;
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
