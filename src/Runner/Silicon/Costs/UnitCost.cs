using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Silicon;
using QSim.Silicon.Cost;
using QSim.Simulator;

namespace QSim.Runner.Silicon.Costs;

/// <summary>What a layer's unit costs, and how often an image needs it.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Shape">Its widths and modes.</param>
/// <param name="Parts">Its halves.</param>
/// <param name="Work">What one image asks of it.</param>
internal sealed record UnitCost(
    string Layer, UnitShape Shape, IReadOnlyList<PartCost> Parts, LayerWork Work)
{
    /// <summary>A network's units, with operands of its first image.</summary>
    /// <param name="simulation">The network on a profile.</param>
    /// <param name="images">The images.</param>
    /// <param name="without">Layers without a unit, each with the reason.</param>
    public static IReadOnlyList<LayerUnit> Of(
        Simulation simulation, ImageSet images, ICollection<(string, string)> without)
    {
        QuantizedProgram program = simulation.Program;
        List<LayerUnit> units = [];
        RunResult run = simulation.Run(
            images.Images(0, 1),
            new RunOptions { Taps = [.. Enumerable.Range(0, program.Layers.Length + 1)] });
        for (int index = 0; index < program.Layers.Length; index++)
        {
            if (MacTwin.WhyNot(program, index) is { } reason)
            {
                without.Add((program.Layers[index].Name, Untrusted.Line(reason)));
                continue;
            }

            var layer = (MacLayer)program.Layers[index];
            units.Add(LayerUnit.Of(program, index, run.Taps[layer.Inputs[0]]));
        }

        return units;
    }
}
