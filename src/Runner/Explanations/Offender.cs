using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;

namespace QSim.Runner.Explanations;

/// <summary>A stage of a layer that overflowed, and where first.</summary>
/// <param name="Layer">Index of the layer.</param>
/// <param name="Stage">The stage.</param>
/// <param name="First">The first output element that overflowed there.</param>
/// <param name="Count">How many did.</param>
/// <param name="Elements">Out of how many.</param>
internal sealed record Offender(
    int Layer, EventStage Stage, ElementAddress First, long Count, long Elements)
{
    /// <summary>Runs every image and lists the stages that overflowed, in program order.</summary>
    public static IReadOnlyList<Offender> Find(TrainedHardware hardware)
    {
        RunResult run = hardware.Simulation.Run(hardware.Images.Pixels, RunOptions.WithEvents);
        return
        [
            .. from layer in Enumerable.Range(0, run.Events.Length)
            let elements = (long)hardware.Program.Layers[layer].Output.Shape.Length
                * hardware.Images.Count
            from stage in run.Events[layer].Stages
            where stage.FirstOverflow is not null
            select new Offender(
                layer, stage.Stage, stage.FirstOverflow!.Value, stage.Overflowed.Sum(), elements),
        ];
    }

    /// <summary>Stages by the names that users type.</summary>
    /// <exception cref="RequestException">There is no such stage.</exception>
    public static EventStage ParseStage(string name) =>
        Enum.GetValues<EventStage>()
            .Where(s => NameOf(s) == name)
            .Select(s => (EventStage?)s)
            .FirstOrDefault()
        ?? throw new RequestException(
            $"--stage: no stage '{name}' (supported: "
                + $"{string.Join(", ", Enum.GetValues<EventStage>().Select(NameOf))})");

    /// <summary>What users type for a stage.</summary>
    public static string NameOf(EventStage stage) => EnumWord.Of(stage);
}
