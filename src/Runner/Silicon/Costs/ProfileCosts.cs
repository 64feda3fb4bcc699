using QSim.Runner.Data;
using QSim.Runner.Explanations;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Simulator;

namespace QSim.Runner.Silicon.Costs;

/// <summary>Measures every profile's units.</summary>
internal static class ProfileCosts
{
    /// <summary>Trains a study's network, quantizes it and measures, telling how it gets on.
    /// </summary>
    /// <param name="screen">Where to tell it.</param>
    /// <param name="inputs">Network, images and profiles.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="cache">Networks and circuits that are known.</param>
    /// <param name="cancellation">Ends programs.</param>
    /// <exception cref="RequestException">
    /// A program fails, or nothing can be said of the user's own cells.
    /// </exception>
    public static CostReport Measure(
        Screen screen, StudyInputs inputs, CostRequest request, ContentCache cache,
        CancellationToken cancellation)
    {
        request.Check();
        TrainedHardware.CheckLayer(request.Layer, inputs.Network);
        CostReport? report = null;
        ProgressDisplay.Run(screen, progress =>
        {
            using HardwareList hardware = HardwareList.Train(
                inputs, cache, progress, cancellation);
            report = Of(
                hardware.All, inputs.Data.Test, request, cache, progress, cancellation);
        });
        return report!;
    }

    /// <summary>Measures the units of networks that are there already.</summary>
    /// <param name="hardware">The networks on their profiles.</param>
    /// <param name="images">Images for operands.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="cache">Circuits that are known.</param>
    /// <param name="progress">Told how it gets on.</param>
    /// <param name="cancellation">Ends programs.</param>
    /// <exception cref="RequestException">A program fails, or a circuit is missing.</exception>
    public static CostReport Of(
        IReadOnlyList<(string Profile, Simulation Simulation)> hardware, ImageSet images,
        CostRequest request, ContentCache cache, IProgressSink progress,
        CancellationToken cancellation)
    {
        progress.Begin("synthesise circuits");
        List<(string Layer, string Reason)> without = [];
        var all = hardware.Select(h => (
            h.Profile,
            Units: LayerUnit.Of(h.Simulation, images, without)
                .Where(u => request.Layer is null || u.Layer == request.Layer).ToArray()))
            .ToArray();
        if (!request.MayLack
            && all.FirstOrDefault(u => u.Units.Length == 0) is { Profile: { } none } found)
            throw None(none, hardware.First(h => h.Profile == none).Simulation, request, without);
        var meter = new CostMeter(request.Target, request.Tools, cache, cancellation);
        int done = 0, count = all.Sum(u => u.Units.Length);
        List<(string, IReadOnlyList<UnitCost>)> costs = [];
        foreach ((string profile, LayerUnit[] units) in all)
        {
            List<UnitCost> measured = [];
            foreach (LayerUnit unit in units)
            {
                cancellation.ThrowIfCancellationRequested();
                measured.Add(unit.Cost(meter.Measure(unit.Unit), request));
                progress.Report((double)++done / count, $"{profile} {unit.Layer}");
            }

            costs.Add((profile, measured));
        }

        return new(
            request, request.Tools.Versions(request.Target, cancellation), costs,
            request.Layer is null ? without : []);
    }

    private static RequestException None(
        string profile, Simulation simulation, CostRequest request,
        List<(string Layer, string Reason)> without)
    {
        string[] layers = [.. simulation.Program.Layers.Select(l => l.Name)];
        return request.Layer is { } name && !layers.Contains(name)
            ? TrainedHardware.NoLayer(name, layers)
            : new(
                $"{profile}: no layer has a circuit: " + string.Join(
                    "; ", without.Where(w => request.Layer is null || w.Layer == request.Layer)
                        .Distinct().Select(w => $"{w.Layer}: {w.Reason}")));
    }
}
