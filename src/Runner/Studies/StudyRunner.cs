using System.Diagnostics;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Methods;
using QSim.Runner.Data;
using QSim.Runner.Output.Progress;
using QSim.Runner.Statistics;
using QSim.Simulator;

namespace QSim.Runner.Studies;

/// <summary>Answers a study's question: trains, quantizes, attacks.</summary>
/// <param name="inputs">What was read.</param>
/// <param name="threads">Most threads; 0 for one per core. Results do not depend on it.</param>
/// <param name="progress">Told how it gets on.</param>
/// <param name="changed">Given the results so far whenever there are more.</param>
public sealed class StudyRunner(
    StudyInputs inputs, int threads, IProgressSink progress, Action<StudyResults> changed)
{
    private readonly Dictionary<string, double> _seconds = [];
    private readonly Dictionary<string, string> _backends = [];
    private StudyResults _results = new() { Study = inputs.Settings };

    /// <summary>Seconds that each part took, so far.</summary>
    public IReadOnlyDictionary<string, double> Seconds => _seconds;

    /// <summary>Which backend runs each profile; empty before quantization.</summary>
    public IReadOnlyDictionary<string, string> Backends => _backends;

    /// <summary>Runs it all.</summary>
    /// <exception cref="OperationCanceledException">The user stopped it; what was finished was handed out.</exception>
    public StudyResults Run(CancellationToken cancellation)
    {
        using ITrainableModel model = inputs.Gradients.Create(inputs.Network, threads);
        Update(_results with { Model = Timed("train", () => Training.Run(inputs, model, progress, cancellation)) });
        using HardwareList hardware = Timed("quantize", () => HardwareList.Create(inputs, progress));
        foreach ((string profile, Simulation simulation) in hardware.All) _backends[profile] = simulation.Backend;
        Timed("clean", () => Clean(model, hardware, cancellation));
        Timed("attack", () => Attack(model, hardware, cancellation));
        Update(_results with { Complete = true });
        return _results;
    }

    private int Clean(IGradientModel model, HardwareList hardware, CancellationToken cancellation)
    {
        ImageSet images = inputs.Data.Test;
        progress.Begin($"classify {images.Count} clean images, count events");
        Add(AccuracyCell.FloatTarget, Predictions.Of(model, images.Pixels, images.Count));
        foreach ((string profile, Simulation simulation) in hardware.All)
        {
            cancellation.ThrowIfCancellationRequested();
            CleanRun run = CleanRun.Of(profile, simulation, images);
            Add(profile, run.Predictions);
            Update(_results with { Events = [.. _results.Events, .. run.Events] });
        }

        return 0;
    }

    private int Attack(IGradientModel model, HardwareList hardware, CancellationToken cancellation)
    {
        IReadOnlyList<AttackTarget> targets = Targets(new FloatClassifier(model, AccuracyCell.FloatTarget),
        [
            .. hardware.All.Select(h => new HardwareClassifier(h.Simulation, h.Profile, model)),
        ]);
        foreach (IAttack attack in inputs.Attacks)
        {
            progress.Begin($"attack with {attack.Name}");
            var grid = new AttackGrid(attack, targets, inputs.Data.Test, inputs.Settings);
            foreach (AccuracyCell cell in grid.Run(progress.Report, cancellation))
                Update(_results with { Accuracy = [.. _results.Accuracy, cell] });
        }

        return 0;
    }

    private IReadOnlyList<AttackTarget> Targets(FloatClassifier network, HardwareClassifier[] hardware) =>
        inputs.Settings.Threat == ThreatModel.Transfer
            ? [AttackTarget.Transfer(network, [network, .. hardware])]
            : [AttackTarget.WhiteBox(network), .. hardware.Select(AttackTarget.WhiteBox)];

    private void Add(string target, int[] predictions) => Update(_results with
    {
        Accuracy =
        [
            .. _results.Accuracy,
            AccuracyCell.Of(target, AccuracyCell.NoAttack, new Epsilon(0), Correct(predictions)),
        ],
    });

    private Proportion Correct(int[] predictions) => new(
        predictions.Zip(inputs.Data.Test.Labels).Count(p => p.First == p.Second), predictions.Length);

    private void Update(StudyResults results)
    {
        _results = results with { Crossovers = CrossoverList.Of(results.Accuracy) };
        changed(_results);
    }

    private T Timed<T>(string part, Func<T> work)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            return work();
        }
        finally
        {
            _seconds[part] = Math.Round(clock.Elapsed.TotalSeconds, 3);
        }
    }
}
