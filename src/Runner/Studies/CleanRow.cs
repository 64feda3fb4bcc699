using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Margins;
using QSim.Runner.Studies.Cells;
using QSim.Simulator;

namespace QSim.Runner.Studies;

/// <summary>
/// The missing clean cells of one seed: decisions, events, what the layers cost and can hold, and
/// what the margin model predicts.
/// </summary>
/// <param name="inputs">The study.</param>
/// <param name="row">The row.</param>
/// <param name="work">Where cells are looked up and go to.</param>
/// <param name="targets">The seed's targets.</param>
internal sealed class CleanRow(
    StudyInputs inputs, PlanRow row, StudyWork work, TargetList targets)
{
    private readonly LabelledImages _images = targets.Images;

    /// <summary>
    /// Measures what is missing; gradients are made once for all targets of a network.
    /// </summary>
    /// <param name="trained">The networks.</param>
    /// <param name="hardware">By name.</param>
    /// <param name="cancellation">Stops between targets.</param>
    /// <exception cref="OperationCanceledException">
    /// It was cancelled; cells handed out stay good.
    /// </exception>
    public void Run(
        NetworkList trained, IReadOnlyDictionary<string, Simulation> hardware,
        CancellationToken cancellation)
    {
        foreach (var same in work.Missing(row).ToArray().GroupBy(c => trained.Of(c.Target)))
            Run(same.Key, [.. same], trained, hardware, cancellation);
    }

    /// <summary>Targets that all come from one network.</summary>
    private void Run(
        TrainedNetwork network, CellAddress[] cells, NetworkList trained,
        IReadOnlyDictionary<string, Simulation> hardware, CancellationToken cancellation)
    {
        Decisions floats = Decisions.Of(new FloatClassifier(network.Model), _images, cancellation);
        int offender = Array.FindIndex(floats.Logits, z => !float.IsFinite(z));
        if (offender >= 0)
            throw new RequestException(
                $"network {network.Network.Name}: its logits for test image "
                    + $"{offender / network.Network.Classes} are not finite numbers: weights that "
                    + "are too large, or training that diverged");
        Decisions[] all =
        [
            .. cells.Select(cell =>
                hardware.TryGetValue(cell.Target, out Simulation? simulation)
                    ? Decisions.Of(
                        new HardwareClassifier(simulation, cell.Target), _images, cancellation)
                    : floats),
        ];
        float?[][] radii = new MarginModel(network.Model, inputs.Settings.Norm).Radii(
            _images, all, cancellation);
        foreach ((int i, CellAddress cell) in cells.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            targets.Clean.Put(targets.Find(cell.Target), all[i].Classes);
            bool isHardware = hardware.TryGetValue(cell.Target, out Simulation? simulation);
            work.Add(
                cell,
                targets,
                all[i].Classes.Zip(_images.Labels, (c, label) => c == label),
                new CleanFacts
                {
                    Margins = new(radii[i], LogitError.Of(all[i], floats, _images.Labels)),
                    Events = isHardware ? Events(cell, simulation!) : null,
                    Layers = isHardware ? Layers(cell, simulation!) : null,
                    Model = !isHardware || trained.HasOwn(cell.Target) ? network.Report : null,
                });
        }
    }

    private IReadOnlyList<StageCount> Events(CellAddress cell, Simulation simulation) =>
        CleanEvents.Of(cell.Seed, cell.Target, simulation, inputs.Data.Test);

    private IReadOnlyList<LayerFacts> Layers(CellAddress cell, Simulation simulation)
    {
        int pixels = inputs.Settings.CalibrationImages * inputs.Network.Input.Length;
        return LayerFacts.Of(
            cell.Seed, cell.Target, simulation, inputs.Data.Train.Pixels.AsSpan(0, pixels));
    }
}
