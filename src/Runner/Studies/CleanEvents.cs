using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Runner.Data;
using QSim.Simulator;

namespace QSim.Runner.Studies;

/// <summary>
/// What happens to values on the way through a program, and happened to its parameters when it was
/// made.
/// </summary>
internal static class CleanEvents
{
    /// <summary>Images that run together: their raw inputs are all that is held of them.</summary>
    private const int Together = 256;

    /// <summary>Runs images and counts, per layer and stage.</summary>
    public static IReadOnlyList<StageCount> Of(
        ulong seed, string profile, Simulation simulation, ImageSet images)
    {
        List<StageCount> counts = [];
        for (int first = 0; first < images.Count; first += Together)
        {
            int some = Math.Min(Together, images.Count - first);
            RunResult run = simulation.Run(
                images.Images(first, some), RunOptions.WithEvents with { FirstImage = first });
            IEnumerable<StageCount> here = Count(seed, profile, simulation, run, some);
            counts = counts.Count == 0 ? [.. here] : [.. counts.Zip(here, Sum)];
        }

        return [.. counts, .. Parameters(seed, profile, simulation.Program)];
    }

    private static StageCount Sum(StageCount all, StageCount more) => all with
    {
        Overflowed = all.Overflowed + more.Overflowed,
        Inexact = all.Inexact + more.Inexact,
        Elements = all.Elements + more.Elements,
    };

    /// <summary>Whether a count is of parameters, not of values on the way.</summary>
    public static bool IsOfParameters(StageCount count) =>
        ParameterEvents.Stages.Contains(count.Stage);

    private static IEnumerable<StageCount> Parameters(
        ulong seed, string profile, QuantizedProgram program) =>
        program.ParameterEvents.Select(e => new StageCount(
            seed, profile, program.Layers[e.Layer].Name, e.Stage, e.Overflowed, Inexact: 0,
            e.Count));

    private static IEnumerable<StageCount> Count(
        ulong seed, string profile, Simulation simulation, RunResult run, int images) =>
        from layer in Enumerable.Range(0, run.Events.Length)
        let elements = (long)simulation.Program.Layers[layer].Output.Shape.Length * images
        from stage in run.Events[layer].Stages
        select new StageCount(
            seed, profile, run.Events[layer].Layer, EnumWord.Of(stage.Stage),
            stage.Overflowed.Sum(), stage.Inexact.Sum(), elements);
}
