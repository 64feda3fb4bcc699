using QSim.Kernels.Backends;
using QSim.Runner.Data;
using QSim.Simulator;

namespace QSim.Runner.Studies;

/// <summary>What happens to values on the way through a program.</summary>
internal static class CleanEvents
{
    /// <summary>Runs images and counts, per layer and stage.</summary>
    public static IReadOnlyList<StageCount> Of(
        ulong seed, string profile, Simulation simulation, ImageSet images) =>
        [
            .. Count(
                seed, profile, simulation, simulation.Run(images.Pixels, RunOptions.WithEvents),
                images.Count),
        ];

    private static IEnumerable<StageCount> Count(
        ulong seed, string profile, Simulation simulation, RunResult run, int images) =>
        from layer in Enumerable.Range(0, run.Events.Length)
        let elements = (long)simulation.Program.Layers[layer].Output.Shape.Length * images
        from stage in run.Events[layer].Stages
        select new StageCount(
            seed, profile, run.Events[layer].Layer, stage.Stage.ToString().ToLowerInvariant(),
            stage.Overflowed.Sum(), stage.Inexact.Sum(), elements);
}
