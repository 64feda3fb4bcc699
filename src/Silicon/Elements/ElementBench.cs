using QSim.Silicon.Rtl;
using QSim.Silicon.Vectors;

namespace QSim.Silicon.Elements;

/// <summary>A testbench of a unit without a clock: one output of a row of operands.</summary>
internal static class ElementBench
{
    /// <summary>The testbench.</summary>
    /// <param name="name">The unit's name.</param>
    /// <param name="unit">The unit.</param>
    /// <param name="compared">Ports that are held against the row's fields.</param>
    /// <param name="row">The row.</param>
    /// <param name="rows">How many there are.</param>
    public static string Of(
        string name, ElementUnit unit, IReadOnlyList<Wire> compared, RowLayout row, int rows)
    {
        IEnumerable<string> ports = unit.Inputs
            .Select(i => $".{i.Name}({row.Of("row", i.Name)})")
            .Concat(compared.Select(c => $".{c.Name}({c.Name})"));
        IEnumerable<string> wires = compared.Select(c =>
            $"  {Wire.TypeOf(c.Bits, false)} {c.Name};\n");
        IEnumerable<string> differs = compared.Select(c =>
            $"{c.Name} !== {row.Of("row", c.Name)}");
        return $$"""
            // Holds every output against the reference backend; see README.md for the rows.
            module {{name}}_bench (
              input  logic clk,
              output logic done
            );
              localparam int ROWS = {{rows}};
              logic [{{row.Bits - 1}}:0] rows [0:ROWS-1];
              initial $readmemh("vectors/{{name}}_rows.hex", rows);

              integer step = 0;
              integer differences = 0;
              logic [{{row.Bits - 1}}:0] row;
              assign row = rows[step < ROWS ? step : ROWS - 1];
            {{string.Concat(wires)}}  {{name}}_unit unit (
                {{string.Join(",\n    ", ports)}}
              );

              always @(posedge clk) begin
                if (step < ROWS && ({{string.Join("\n        || ", differs)}})) begin
                  if (differences == 0) begin
                    $write("DIFFERS {{name}} output step=%0d expected=%h flags=%b %b",
                           step, {{string.Join(", ", Said.Select(f => row.Of("row", f)))}});
                    $display(" found=%h flags=%b %b", {{string.Join(", ", Said)}});
                  end
                  differences <= differences + 1;
                end
                step <= step + 1;
                if (step == ROWS) begin
                  if (differences == 0) $display("PASSED {{name}} outputs=%0d", ROWS);
                  else $display("FAILED {{name}} differences=%0d", differences);
                end
              end
              initial done = 1'b0;
              always @(posedge clk) if (step > ROWS) done <= 1'b1;
            endmodule
            """ + "\n";
    }

    private static string[] Said => ["result", "overflowed", "inexact"];
}
