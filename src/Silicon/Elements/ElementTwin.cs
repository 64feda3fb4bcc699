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
        _row.Add("result", _unit.Result.Bits);
        _row.Add("overflowed", 1);
        _row.Add("inexact", 1);
    }

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
        ConversionEvents events = log.Flags.TryGetValue(EventStage.Output, out var flags)
            ? flags[flat]
            : ConversionEvents.None;
        var row = new HexRow(_row.Bits);
        foreach ((long value, int bits) in _unit.Operands(inputs, flat)) row.Put(value, bits);
        row.Put(output[flat], _unit.Result.Bits);
        row.Put((events & ConversionEvents.Overflowed) != 0 ? 1 : 0, 1);
        row.Put((events & ConversionEvents.Inexact) != 0 ? 1 : 0, 1);
        row.Write(_text);
        _outputs.Add(element);
    }

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Text)> Files(ulong? mutation = null)
    {
        foreach (ModuleText module in _unit.Modules)
            yield return ($"rtl/{module.Name}.sv", module.ToString());
        yield return ($"tb/{Name}_bench.sv", Bench());
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
        (string field, int from, int bits) = _row.Fields[^(int)(1 + (words.X % 3))];
        int row = (int)(words.Y % (uint)_outputs.Count);
        int bit = (int)(words.Z % (uint)bits);
        return (
            Mutation.Turn(_text.ToString(), (_row.Bits + 3) / 4, row, from + bit),
            $"row {row}, {field}, bit {bit}");
    }

    private string Bench()
    {
        IEnumerable<string> ports = _unit.Inputs
            .Select(i => $".{i.Name}({_row.Of("row", i.Name)})")
            .Concat([".result(result)", ".overflowed(overflowed)", ".inexact(inexact)"]);
        return $$"""
            // Holds every output against the reference backend; see README.md for the rows.
            module {{Name}}_bench (
              input  logic clk,
              output logic done
            );
              localparam int ROWS = {{_outputs.Count}};
              logic [{{_row.Bits - 1}}:0] rows [0:ROWS-1];
              initial $readmemh("vectors/{{Name}}_rows.hex", rows);

              integer step = 0;
              integer differences = 0;
              logic [{{_row.Bits - 1}}:0] row;
              assign row = rows[step < ROWS ? step : ROWS - 1];
              {{Wire.TypeOf(_unit.Result.Bits, false)}} result;
              logic overflowed, inexact;
              {{Name}}_unit unit (
                {{string.Join(",\n    ", ports)}}
              );

              always @(posedge clk) begin
                if (step < ROWS && (result !== {{_row.Of("row", "result")}}
                    || overflowed !== {{_row.Of("row", "overflowed")}}
                    || inexact !== {{_row.Of("row", "inexact")}})) begin
                  if (differences == 0)
                    $display("DIFFERS {{Name}} output step=%0d expected=%h found=%h flags=%b %b",
                             step, {{_row.Of("row", "result")}}, result, overflowed, inexact);
                  differences <= differences + 1;
                end
                step <= step + 1;
                if (step == ROWS) begin
                  if (differences == 0) $display("PASSED {{Name}} outputs=%0d", ROWS);
                  else $display("FAILED {{Name}} differences=%0d", differences);
                end
              end
              initial done = 1'b0;
              always @(posedge clk) if (step > ROWS) done <= 1'b1;
            endmodule
            """ + "\n";
    }
}
