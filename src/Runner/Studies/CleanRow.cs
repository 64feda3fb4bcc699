using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Margins;
using QSim.Attacks.Gradients;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Predictions;
using QSim.Simulator;

namespace QSim.Runner.Studies;

/// <summary>
/// The missing clean cells of one seed: decisions, events, what the layers cost and can hold, and what the margin
/// model predicts.
/// </summary>
/// <param name="inputs">The study.</param>
/// <param name="row">The row.</param>
/// <param name="work">Where cells are looked up and go to.</param>
public sealed class CleanRow(StudyInputs inputs, PlanRow row, StudyWork work)
{
    private readonly LabelledImages _images =
        new(inputs.Data.Test.Shape, inputs.Data.Test.Pixels, inputs.Data.Test.Labels);

    /// <summary>Measures what is missing; the model's gradients are made once for all targets.</summary>
    /// <param name="model">The float network.</param>
    /// <param name="trained">What it was trained to.</param>
    /// <param name="hardware">By name.</param>
    /// <param name="cancellation">Stops between targets.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; cells handed out stay good.</exception>
    public void Run(
        IGradientModel model, TrainedModel trained, IReadOnlyDictionary<string, Simulation> hardware,
        CancellationToken cancellation)
    {
        CellAddress[] missing = [.. work.Missing(row)];
        if (missing.Length == 0) return;
        Decisions network = Decisions.Of(new FloatClassifier(model), _images, cancellation);
        Decisions[] all = [.. missing.Select(cell => hardware.TryGetValue(cell.Target, out Simulation? simulation)
            ? Decisions.Of(new HardwareClassifier(simulation, cell.Target), _images, cancellation)
            : network)];
        float?[][] radii = new MarginModel(model, inputs.Settings.Norm).Radii(_images, all, cancellation);
        foreach ((int i, CellAddress cell) in missing.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            IEnumerable<bool> right = all[i].Classes.Zip(_images.Labels, (c, label) => c == label);
            var facts = new CleanFacts
            {
                Margins = new(radii[i], LogitError.Of(all[i], network, _images.Labels)),
            };
            work.Add(cell, right, hardware.TryGetValue(cell.Target, out Simulation? simulation)
                ? facts with { Events = Events(cell, simulation), Layers = Layers(cell, simulation) }
                : facts with { Model = trained });
        }
    }

    private IReadOnlyList<StageCount> Events(CellAddress cell, Simulation simulation) =>
        CleanRun.Of(cell.Seed, cell.Target, simulation, inputs.Data.Test).Events;

    private IReadOnlyList<LayerFacts> Layers(CellAddress cell, Simulation simulation)
    {
        int pixels = inputs.Settings.CalibrationImages * inputs.Network.Input.Length;
        return LayerFacts.Of(cell.Seed, cell.Target, simulation, inputs.Data.Train.Pixels.AsSpan(0, pixels));
    }
}

/// <summary>What is known of a clean cell beside its outcomes.</summary>
public sealed record CleanFacts
{
    /// <summary>What happened to values on the way; of hardware.</summary>
    public IReadOnlyList<StageCount>? Events { get; init; }

    /// <summary>What the layers cost and can hold; of hardware.</summary>
    public IReadOnlyList<LayerFacts>? Layers { get; init; }

    /// <summary>What was trained; of the float network.</summary>
    public TrainedModel? Model { get; init; }

    /// <summary>What the margin model predicts.</summary>
    public MarginRecord? Margins { get; init; }
}
