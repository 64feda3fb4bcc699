using System.Globalization;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;
using QSim.Silicon.Vectors;

namespace QSim.Silicon.Elements;

/// <summary>
/// The circuit of a layer without a multiply-accumulate unit (pooling, sums, products and
/// concatenations of tensors, tables, clamps), one output at a time, with its testbench.
/// </summary>
public sealed class ElementTwin : ITwin
{
    private readonly QuantizedProgram _program;
    private readonly int _index;
    private readonly ElementUnit _unit;
    private readonly RowLayout _row = new();
    private readonly System.Text.StringBuilder _text = new();
    private readonly List<ElementAddress> _outputs = [];

    /// <summary>The twin of one layer, with no vectors yet.</summary>
    /// <param name="program">The program.</param>
    /// <param name="layer">Index of a layer of it that has one.</param>
    /// <param name="name">What its modules are called.</param>
    /// <exception cref="ArgumentException">It has none (<see cref="WhyNot"/>).</exception>
    public ElementTwin(QuantizedProgram program, int layer, string name)
    {
        if (WhyNot(program, layer) is { } reason) throw new ArgumentException(reason);
        (_program, _index, Name) = (program, layer, name);
        _unit = ElementUnits.Of(program, layer, name);
        foreach (Wire input in _unit.Inputs) _row.Add(input.Name, input.Bits);
        foreach (Wire found in Compared) _row.Add(found.Name, found.Bits);
    }

    /// <summary>What is held against the reference: outputs, and registers where there are any.
    /// </summary>
    private IEnumerable<Wire> Compared =>
    [
        _unit.Result, .. Flags(""),
        .. _unit.Register is { } register
            ? [register, .. Flags("accumulator_")]
            : Array.Empty<Wire>(),
    ];

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Description => _unit.Description;

    /// <inheritdoc/>
    public long Updates => 0;

    /// <inheritdoc/>
    public IReadOnlyList<ElementAddress> Outputs => _outputs;

    /// <inheritdoc/>
    string ITwin.Layout => TwinTexts.Layout($"{Name}_rows.hex", _row);

    /// <summary>Null when a layer has such a twin, else why it has none.</summary>
    public static string? WhyNot(QuantizedProgram program, int layer) =>
        ElementUnits.WhyNot(program, layer);

    /// <inheritdoc/>
    public void Add(ElementAddress element, IReadOnlyList<long[]> tensors)
    {
        ProgramLayer layer = _program.Layers[_index];
        long[][] inputs = [.. layer.Inputs.Select(t => tensors[t])];
        (RegisterLog log, long[] output) = LayerTracer.Trace(
            _program, _index, inputs, element.Image);
        int flat = (element.Channel * layer.Output.Shape.Positions) + element.Position;
        var row = new HexRow(_row.Bits);
        foreach ((long value, int bits) in _unit.Operands(inputs, flat)) row.Put(value, bits);
        row.Put(output[flat], _unit.Result.Bits);
        PutEvents(row, log, EventStage.Output, flat);
        if (_unit.Register is { } register)
        {
            row.Put(log.Values[register.Name][flat], register.Bits);
            PutEvents(row, log, EventStage.Accumulator, flat);
        }

        row.Write(_text);
        _outputs.Add(element);
    }

    private static IEnumerable<Wire> Flags(string prefix) =>
        [new($"{prefix}overflowed", 1, false), new($"{prefix}inexact", 1, false)];

    private static void PutEvents(HexRow row, RegisterLog log, EventStage stage, int flat)
    {
        ConversionEvents events = log.Flags.TryGetValue(stage, out var flags)
            ? flags[flat]
            : ConversionEvents.None;
        row.Put((events & ConversionEvents.Overflowed) != 0 ? 1 : 0, 1);
        row.Put((events & ConversionEvents.Inexact) != 0 ? 1 : 0, 1);
    }

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Text)> Files(ulong? mutation = null)
    {
        foreach (ModuleText module in _unit.Modules)
            yield return ($"rtl/{module.Name}.sv", module.ToString());
        yield return (
            $"tb/{Name}_bench.sv",
            ElementBench.Of(Name, _unit, [.. Compared], _row, _outputs.Count));
        yield return (
            $"vectors/{Name}_rows.hex",
            mutation is { } seed ? Wrong(seed).Text : _text.ToString());
    }

    /// <inheritdoc/>
    public string MutationPlace(ulong seed) => Wrong(seed).Place;

    /// <inheritdoc/>
    public string Explain(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 4
            || !words[3].StartsWith("step=", StringComparison.Ordinal)
            || !int.TryParse(words[3].AsSpan(5), CultureInfo.InvariantCulture, out int row)
            || row < 0 || row >= _outputs.Count)
            return line;
        ElementAddress at = _outputs[row];
        return $"{words[2]} differs at image {at.Image}, channel {at.Channel}, position "
            + $"{at.Position}: {string.Join(' ', words.Skip(4))}";
    }

    private (string Text, string Place) Wrong(ulong seed)
    {
        UInt4 words = Philox.Generate(seed, new(0, 0, 0, 0));
        (string field, int from, int bits) = _row.Fields[
            ^(int)(1 + (words.X % (uint)Compared.Count()))];
        int row = (int)(words.Y % (uint)_outputs.Count);
        int bit = (int)(words.Z % (uint)bits);
        return (
            Mutation.Turn(_text.ToString(), (_row.Bits + 3) / 4, row, from + bit),
            $"row {row}, {field}, bit {bit}");
    }
}
