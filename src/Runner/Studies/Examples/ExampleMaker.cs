using System.Runtime.InteropServices;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods.Settings;
using QSim.Runner.Output.Progress;
using QSim.Simulator;
using QSim.Simulator.Networks;

namespace QSim.Runner.Studies.Examples;

/// <summary>
/// Makes the chosen examples anew, each by itself: an attack gives an image the same pixels alone
/// and among others.
/// </summary>
/// <param name="study">The study.</param>
/// <param name="work">Its cells, none of them missing.</param>
/// <param name="networks">Networks that were trained before.</param>
/// <param name="threads">Most threads; 0 for one per core.</param>
/// <param name="progress">Told how it gets on.</param>
internal sealed class ExampleMaker(
    StudyInputs study, StudyWork work, NetworkCache networks, int threads, IProgressSink progress)
{
    /// <summary>What was collected of these networks before; null for nothing.</summary>
    public Calibrations? Calibrations { get; init; }

    /// <summary>Makes them.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ExampleSet Make(CancellationToken cancellation)
    {
        IReadOnlyList<WantedExample> wanted = ExampleChoice.Of(study.Resolve(), work.Outcomes());
        HashSet<string> targets = [.. wanted.SelectMany(w => new[] { w.Cell.Target, w.Standing })];
        StudyInputs inputs = study.ForSeed(study.Settings.Seed) with
        {
            Profiles = [.. study.Profiles.Where(p => targets.Contains(p.Name))],
        };
        var shape = inputs.Data.Test.Shape;
        if (wanted.Count == 0)
            return new(shape.Channels, shape.Rows, shape.Columns, []);
        using NetworkList trained = NetworkList.Train(
            inputs, work.Keys, networks, threads, progress, cancellation);
        using HardwareList hardware = HardwareList.Create(
            inputs, progress, t => trained.Of(t).Network, Calibrations, cancellation);
        progress.Begin("examples for the report");
        Dictionary<string, Simulation> simulations = hardware.All.ToDictionary(
            h => h.Profile, h => h.Simulation);
        IDifferentiableClassifier Find(string target) =>
            simulations.TryGetValue(target, out Simulation? simulation)
                ? new HardwareClassifier(simulation, target, trained.Of(target).Model)
                : new FloatClassifier(trained.Float.Model, AccuracyCell.FloatTarget);
        var images = new List<Example>();
        foreach (WantedExample one in wanted)
        {
            images.Add(Make(inputs, one, Find, t => trained.Of(t).Network, cancellation));
            progress.Report((double)images.Count / wanted.Count, one.Cell.Target);
        }

        return new(shape.Channels, shape.Rows, shape.Columns, images);
    }

    private static Example Make(
        StudyInputs inputs, WantedExample wanted, Func<string, IDifferentiableClassifier> find,
        Func<string, FloatNetwork> network, CancellationToken cancellation)
    {
        var all = new LabelledImages(
            inputs.Data.Test.Shape, inputs.Data.Test.Pixels, inputs.Data.Test.Labels);
        LabelledImages image = all.Slice(wanted.Image, 1);
        ThreatModel threat = wanted.Cell.Threat!.Value;
        IDifferentiableClassifier broken = find(wanted.Cell.Target);
        IDifferentiableClassifier standing = find(wanted.Standing);
        IDifferentiableClassifier source =
            threat == ThreatModel.Transfer ? find(wanted.Cell.Source) : broken;
        AttackChoice chosen = inputs.Attack(wanted.Cell.Attack);
        using BoundAttack bound = StudyTargets.Bind(
            chosen.Attack, network(source.Name), source);
        int? draws = inputs.Settings.EotDraws;
        AttackTarget target = threat == ThreatModel.Transfer
            ? AttackTarget.Transfer(StudyTargets.Source(source, draws), source)
            : StudyTargets.Of(threat, broken, draws, find(AccuracyCell.FloatTarget));
        float[] adversarial = Evaluation
            .Run(
                bound.Attack, target, image, inputs.Settings.Budget(wanted.Cell.Epsilon),
                new()
                {
                    Seed = wanted.Cell.Seed,
                    Restarts = chosen.Restarts ?? inputs.Settings.Restarts,
                },
                cancellation)
            .Adversarial;
        return new(
            wanted.Cell.Seed, threat, wanted.Cell.Attack, wanted.Cell.Epsilon, wanted.Image,
            image.Labels[0], wanted.Cell.Target, wanted.Standing, Pack(inputs, image.Pixels),
            Pack(inputs, adversarial), [Decide(broken), Decide(standing)]);

        ExampleDecision Decide(IClassifier classifier) => new(
            classifier.Name, Evaluation.Classify(classifier, image)[0],
            Evaluation.Classify(classifier, image, adversarial)[0]);
    }

    private static string Pack(StudyInputs inputs, float[] pixels) =>
        Convert.ToBase64String(MemoryMarshal.AsBytes(
            inputs.Settings.Pictures.AsPicture(pixels).AsSpan()));
}
