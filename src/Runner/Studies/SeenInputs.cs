using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Kernels.Ranges;
using QSim.Simulator;

namespace QSim.Runner.Studies;

/// <summary>
/// The intervals of what goes into a program's multiply-accumulate layers over a set of images, in
/// memory that does not grow with their number.
/// </summary>
internal static class SeenInputs
{
    private const int Together = 16;

    /// <summary>By tensor of the program.</summary>
    /// <param name="simulation">The program.</param>
    /// <param name="images">Images one after another; one at least.</param>
    public static IReadOnlyDictionary<int, InputIntervals> Of(
        Simulation simulation, ReadOnlySpan<float> images)
    {
        Dictionary<int, TensorType> types = simulation.Program.Layers.OfType<MacLayer>()
            .DistinctBy(l => l.Inputs[0])
            .ToDictionary(l => l.Inputs[0], l => l.Input);
        var seen = new Dictionary<int, InputIntervals>();
        int length = simulation.Program.Input.Type.Shape.Length, count = images.Length / length;
        for (int first = 0; first < count; first += Together)
        {
            int some = Math.Min(Together, count - first);
            RunResult run = simulation.Run(
                images.Slice(first * length, some * length),
                RunOptions.Default with { FirstImage = first, Taps = [.. types.Keys] });
            foreach ((int tensor, TensorType type) in types)
            {
                InputIntervals here = InputIntervals.Observed(type, run.Taps[tensor]);
                seen[tensor] = seen.TryGetValue(tensor, out InputIntervals? before)
                    ? before.Union(here)
                    : here;
            }
        }

        return seen;
    }
}
