using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Silicon;
using QSim.Silicon.Cost;
using QSim.Simulator;

namespace QSim.Runner.Silicon.Costs;

/// <summary>A layer's unit before it is measured.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Unit">Its circuit, with operands.</param>
/// <param name="Work">What one image asks of it.</param>
internal sealed record LayerUnit(string Layer, CostUnit Unit, LayerWork Work)
{
    /// <summary>Cycles that operands are played for; outputs are whole.</summary>
    private const int MostCycles = 2000;

    private const int FewestCycles = 200;

    /// <summary>Bits of one-bit multipliers whose transitions are looked at.</summary>
    private const int MostBitCycles = MostCycles * 8 * 8 * 4;

    private const int FewestOutputs = 4;
    private const int MostOutputs = 200;

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
            units.Add(Of(program, index, run.Taps[layer.Inputs[0]]));
        }

        return units;
    }

    /// <summary>A layer's unit with operands of outputs spread evenly; fewer for a larger unit.
    /// </summary>
    /// <param name="program">The program.</param>
    /// <param name="index">The layer.</param>
    /// <param name="input">What it reads.</param>
    public static LayerUnit Of(QuantizedProgram program, int index, long[] input)
    {
        var layer = (MacLayer)program.Layers[index];
        var unit = new CostUnit(program, index);
        TensorShape shape = layer.Output.Shape;
        int cycles = (int)Math.Clamp(
            MostBitCycles / unit.Shape.MultiplierBitsOfAll, FewestCycles, MostCycles);
        int count = Math.Min(
            shape.Length,
            Math.Clamp(cycles / unit.CyclesPerOutput, FewestOutputs, MostOutputs));
        for (int i = 0; i < count; i++)
        {
            int element = (int)((long)i * shape.Length / count);
            unit.Add(new(0, element / shape.Positions, element % shape.Positions), input);
        }

        return new(layer.Name, unit, LayerWork.Of(layer, unit.CyclesPerOutput));
    }

    /// <summary>The unit with what was measured, completed by the model where that is asked.
    /// </summary>
    public UnitCost Cost(IReadOnlyList<PartCost> parts, CostRequest request) => new(
        Untrusted.Line(Layer), Unit.Shape,
        [
            .. parts.Select(p => request.MayModel
                ? CostModel.Shipped.Completed(p, Unit.Shape, request.Target)
                : p),
        ],
        Work);
}
