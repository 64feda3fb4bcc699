using System.Globalization;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;
using QSim.Silicon.Vectors;

namespace QSim.Silicon;

/// <summary>
/// The circuit of one layer's multiply-accumulate unit with its testbench: files by name.
/// </summary>
public sealed class MacTwin : ITwin
{
    private readonly MacLayer _layer;
    private readonly MacModules _unit;
    private readonly MacVectors _vectors;

    /// <summary>The twin of one layer, with no vectors yet.</summary>
    /// <param name="program">The program.</param>
    /// <param name="layer">Index of a layer of it that has a twin.</param>
    /// <exception cref="ArgumentException">It has none (<see cref="WhyNot"/>).</exception>
    /// <param name="name">What its modules are called; the layer's name otherwise.</param>
    public MacTwin(QuantizedProgram program, int layer, string? name = null)
    {
        Check(program, layer);
        _layer = (MacLayer)program.Layers[layer];
        Name = CircuitNames.Of(name ?? _layer.Name);
        _unit = new(_layer, Name);
        _vectors = new(program, layer, _unit);
    }

    /// <summary>What its modules' names begin with.</summary>
    public string Name { get; }

    /// <summary>The unit in a few words.</summary>
    public string Description =>
        $"{_unit.Lanes} x {_unit.Input.Bits}x{_unit.Weight.Bits} bits, accumulator "
            + $"{_unit.Accumulator.Bits}, output {_layer.Output.Bits}";

    /// <summary>The fields of its rows, as Markdown.</summary>
    string ITwin.Layout =>
        TwinTexts.Layout($"{Name}_steps.hex", _vectors.Steps)
            + TwinTexts.Layout($"{Name}_outputs.hex", _vectors.Outputs);

    /// <inheritdoc/>
    string? ITwin.Diagram => $"diagram/{Name}.svg";

    /// <summary>Updates of accumulators in the vectors.</summary>
    public long Updates => _vectors.StepCount;

    /// <summary>The outputs in the vectors, in their order.</summary>
    public IReadOnlyList<ElementAddress> Outputs => _vectors.Elements;

    /// <summary>Null when a layer has a twin, else why it has none.</summary>
    public static string? WhyNot(QuantizedProgram program, int layer) =>
        program.Layers[layer] is not MacLayer mac
            ? "has no multiply-accumulate unit"
            : RequantizeModule.WhyNot(mac) ?? WhyNotRandom(mac);

    /// <summary>Refuses a layer that has none.</summary>
    /// <exception cref="ArgumentException">It has none.</exception>
    internal static void Check(QuantizedProgram program, int layer)
    {
        if (WhyNot(program, layer) is { } reason)
            throw new ArgumentException($"layer '{program.Layers[layer].Name}': {reason}");
    }

    /// <summary>Adds what the reference does for one output.</summary>
    /// <param name="element">The output, its image counted in the dataset.</param>
    /// <param name="input">What the layer reads for this image.</param>
    public void Add(ElementAddress element, long[] input) => _vectors.Add(element, input);

    /// <inheritdoc/>
    void ITwin.Add(ElementAddress element, IReadOnlyList<long[]> tensors) =>
        Add(element, tensors[_layer.Inputs[0]]);

    /// <summary>Every file, by its path in the folder.</summary>
    /// <param name="mutation">
    /// A seed that says which bit of which expected value to write wrong; null for right ones.
    /// </param>
    public IEnumerable<(string Path, string Text)> Files(ulong? mutation = null)
    {
        (string steps, string outputs, _) = mutation is { } seed
            ? Mutation.Of(_vectors, seed)
            : (_vectors.StepText, _vectors.OutputText, "");
        foreach (ModuleText module in _unit.All()
            .Concat(RequantizeModule.Of(_layer, Name))
            .Append(UnitModule.Of(_layer, _unit)))
            yield return ($"rtl/{module.Name}.sv", module.ToString());
        yield return ($"diagram/{Name}.svg", BlockDiagram.File(UnitDiagram.Of(_layer, _unit)));
        yield return ($"tb/{Name}_bench.sv", Testbench.Of(_unit, _vectors));
        yield return ($"vectors/{Name}_steps.hex", steps);
        yield return ($"vectors/{Name}_outputs.hex", outputs);
        yield return ($"vectors/{Name}_elements.hex", _vectors.ElementText);
    }

    /// <summary>Where a mutation's wrong bit is.</summary>
    public string MutationPlace(ulong seed) => Mutation.Of(_vectors, seed).Place;

    /// <summary>What a folder of several twins needs once.</summary>
    /// <param name="title">What they are of.</param>
    /// <param name="twins">The twins.</param>
    /// <param name="without">Layers that have none, each with the reason.</param>
    public static IEnumerable<(string Path, string Text)> Common(
        string title, IReadOnlyList<ITwin> twins,
        IReadOnlyList<(string Layer, string Reason)> without)
    {
        yield return ("tb/bench.sv", Testbench.Of([.. twins.Select(t => t.Name)]));
        yield return ("tb/clock.sv", Testbench.Clock);
        yield return ("tb/main.cpp", VectorRows.Main);
        yield return ("Makefile", TwinTexts.Makefile);
        yield return ("sta.tcl", TwinTexts.Timing);
        yield return ("README.md", TwinTexts.Readme(title, twins, without));
    }

    /// <summary>A testbench's line about a difference, with the place in the network.</summary>
    /// <param name="line"><c>DIFFERS name register step=n ...</c></param>
    public string Explain(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 4
            || !words[3].StartsWith("step=", StringComparison.Ordinal)
            || !int.TryParse(words[3].AsSpan(5), CultureInfo.InvariantCulture, out int step)
            || step < 0 || step >= _vectors.StepCount)
            return line;
        ElementAddress at = Outputs[step / _vectors.CyclesPerOutput];
        return $"{words[2]} differs at image {at.Image}, channel {at.Channel}, position "
            + $"{at.Position}, step {step % _vectors.CyclesPerOutput}: "
            + string.Join(' ', words.Skip(4));
    }

    private static string? WhyNotRandom(MacLayer layer)
    {
        (int product, int update) = new MacModules(layer, "").RandomBits;
        int output = layer.Requantization[0].Output is { DrawsRandomBits: true } o ? o.Shift : 0;
        return Math.Max(product, Math.Max(update, output)) > 63
            ? "stochastic rounding of more than 63 bits"
            : null;
    }
}
