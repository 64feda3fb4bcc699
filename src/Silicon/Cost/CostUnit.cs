using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;
using QSim.Silicon.Vectors;

namespace QSim.Silicon.Cost;

/// <summary>
/// A layer's unit as it is synthesised to see what it costs: two tops, <see cref="Accumulate"/> and
/// <see cref="Requantize"/>, without the flags and products that only a testbench looks at. Layers
/// with the same arithmetic give the same text, whatever they are called.
/// </summary>
internal sealed class CostUnit
{
    /// <summary>The top module of lanes, adder tree and accumulator.</summary>
    public const string Accumulate = CostBench.Accumulate;

    /// <summary>The top module that makes an output of an accumulator.</summary>
    public const string Requantize = CostBench.Requantize;

    /// <summary>Both halves.</summary>
    public static IReadOnlyList<string> Halves { get; } = [Accumulate, Requantize];

    private const string Inner = "unit";
    private readonly MacLayer _layer;
    private readonly MacModules _unit;
    private readonly MacVectors _vectors;

    /// <summary>The unit of one layer, with no operands yet.</summary>
    /// <param name="program">The program.</param>
    /// <param name="layer">Index of a layer that has a twin (<see cref="MacTwin.WhyNot"/>).</param>
    public CostUnit(QuantizedProgram program, int layer)
    {
        MacTwin.Check(program, layer);
        _layer = (MacLayer)program.Layers[layer];
        _unit = new(_layer, Inner);
        _vectors = new(program, layer, _unit);
        Shape = UnitShape.Of(_layer, _unit);
        Circuit = string.Concat(
            _unit.All().Concat(RequantizeModule.Of(_layer, Inner))
                .Append(AccumulateTop()).Append(RequantizeTop())
                .Select(m => m.ToString()));
    }

    /// <summary>Its widths and modes.</summary>
    public UnitShape Shape { get; }

    /// <summary>Both tops and what they are made of, as SystemVerilog.</summary>
    public string Circuit { get; }

    /// <summary>Cycles that one output takes.</summary>
    public int CyclesPerOutput => _vectors.CyclesPerOutput;

    /// <summary>Cycles in the vectors.</summary>
    public int Cycles => _vectors.StepCount;

    /// <summary>Outputs in the vectors.</summary>
    public int Outputs => _vectors.Elements.Count;

    /// <summary>
    /// Plays the vectors to both tops, writes every transition to <c>activity.vcd</c>, and prints
    /// EQUAL, or DIFFERS and the first step at which they are not the reference.
    /// </summary>
    public string Bench => CostBench.Of(_unit, _vectors);

    /// <summary>The rows that the bench reads, by file name.</summary>
    public IEnumerable<(string Path, string Text)> Vectors =>
        [("steps.hex", _vectors.StepText), ("outputs.hex", _vectors.OutputText)];

    /// <summary>Adds what the reference does for one output.</summary>
    /// <param name="element">The output, its image counted in the dataset.</param>
    /// <param name="input">What the layer reads for this image.</param>
    public void Add(ElementAddress element, long[] input) => _vectors.Add(element, input);

    private ModuleText AccumulateTop()
    {
        var module = new ModuleText(Accumulate, "Operands in, accumulator out.");
        foreach (Wire input in _unit.Inputs()) module.Input(input);
        module.Output(_unit.Accumulator);
        Instance(module, "mac", [.. _unit.Inputs(), _unit.Accumulator]);
        return module;
    }

    private ModuleText RequantizeTop()
    {
        var module = new ModuleText(Requantize, "Accumulator in, output out.");
        Wire[] inputs =
        [
            _unit.Accumulator, .. RequantizeModule.Ports(_layer).Select(p => p.Port),
        ];
        if (RequantizeModule.RandomBits(_layer) is > 0 and int bits)
            inputs = [.. inputs, new("random", bits, false)];
        Wire result = Wire.Of("result", _layer.Requantization[0].Output);
        foreach (Wire input in inputs) module.Input(input);
        module.Output(result);
        Instance(module, "requantize", [.. inputs, result]);
        return module;
    }

    private static void Instance(ModuleText module, string kind, IEnumerable<Wire> ports)
    {
        module.Line($"{Inner}_{kind} inner (");
        module.Line($"  {string.Join(",\n    ", ports.Select(p => $".{p.Name}({p.Name})"))}");
        module.Line(");");
    }
}
