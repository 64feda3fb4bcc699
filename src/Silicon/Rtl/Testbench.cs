using QSim.Silicon.Vectors;

namespace QSim.Silicon.Rtl;

/// <summary>
/// A testbench that checks itself: it plays the rows of <c>steps.hex</c> and <c>outputs.hex</c> and
/// holds every register against what the reference backend says.
/// </summary>
internal static class Testbench
{
    /// <summary>The testbench; its clock comes from outside: any simulator drives it.</summary>
    public static string Of(MacModules unit, MacVectors vectors)
    {
        RowLayout steps = vectors.Steps, outputs = vectors.Outputs;
        int resultBits = outputs.Fields.Single(f => f.Name == "result").Bits;
        return $$"""
            // Holds every register against the reference backend; see README.md for the rows.
            module {{unit.Name}}_bench (
              input  logic clk,
              output logic done
            );
              localparam int STEPS = {{vectors.StepCount}};
              localparam int OUTPUTS = {{vectors.Elements.Count}};
              logic [{{steps.Bits - 1}}:0] steps [0:STEPS-1];
              logic [{{outputs.Bits - 1}}:0] outputs [0:OUTPUTS-1];
            {{VectorRows.Of(unit.Name, steps, outputs)}}

              integer step = 0;
              integer number = 0;
              integer differences = 0;
              // verilator lint_off UNUSEDSIGNAL
              logic [{{steps.Bits - 1}}:0] row, row_before;
              logic [{{outputs.Bits - 1}}:0] of_row, of_before;
              // verilator lint_on UNUSEDSIGNAL
              assign row = steps[step < STEPS ? step : STEPS - 1];
              assign of_row = outputs[number < OUTPUTS ? number : OUTPUTS - 1];

              {{Wire.TypeOf(unit.Lanes * unit.Product.Bits, false, true)}} products;
              {{Wire.TypeOf(unit.Lanes, false, true)}} products_overflowed, products_inexact;
              {{unit.Accumulator.Type}} accumulator;
              logic overflowed, inexact;
              {{unit.Name}}_mac unit (
                {{string.Join(",\n    ", Accumulating(unit, steps, outputs))}}
              );

              {{Wire.TypeOf(resultBits, false)}} result;
              logic result_overflowed, result_inexact;
              {{unit.Name}}_requantize out (
                {{string.Join(",\n    ", Requantizing(outputs))}}
              );

              always @(posedge clk) begin
            {{Comparisons(unit.Name, steps, outputs)}}
                row_before <= row;
                of_before <= of_row;
                if (step < STEPS && {{steps.Of("row", "last")}}) number <= number + 1;
                step <= step + 1;
                if (step == STEPS + 1) begin
                  if (differences == 0)
                    $display("PASSED {{unit.Name}} steps=%0d outputs=%0d", STEPS, OUTPUTS);
                  else
                    $display("FAILED {{unit.Name}} differences=%0d", differences);
                end
              end
              initial done = 1'b0;
              always @(posedge clk) if (step > STEPS + 1) done <= 1'b1;
            {{new RegisterDump(unit, vectors).Text}}endmodule
            """ + "\n";
    }

    private static List<string> Accumulating(MacModules unit, RowLayout steps, RowLayout outputs)
    {
        List<string> ports =
        [
            ".clk(clk)", ".enable(1'b1)", $".first({steps.Of("row", "first")})",
            $".x({steps.Of("row", "x")})", $".w({steps.Of("row", "w")})",
            $".bias({outputs.Of("of_row", "bias")})", ".products(products)",
            ".products_overflowed(products_overflowed)", ".products_inexact(products_inexact)",
            ".accumulator(accumulator)", ".overflowed(overflowed)", ".inexact(inexact)",
        ];
        foreach (string name in new[] { "last_bias", "product_random" }.Where(steps.Has))
            ports.Add($".{name}({steps.Of("row", name)})");

        // Converted as it leaves, the accumulator rounds after the clock; a register's, before.
        if (steps.Has("random"))
            ports.Add($".random({steps.Of(unit.IsAtEnd ? "row_before" : "row", "random")})");
        return ports;
    }

    private static IEnumerable<string> Requantizing(RowLayout outputs) =>
    [
        ".accumulator(accumulator)", ".result(result)", ".overflowed(result_overflowed)",
        ".inexact(result_inexact)",
        .. outputs.Fields
            .Select(f => f.Name)
            .Where(n => n is not ("bias" or "result" or "overflowed" or "inexact"))
            .Select(n => $".{n}({outputs.Of("of_before", n)})"),
    ];

    /// <summary>
    /// Products belong to the row that is on the wires, registers and outputs to the one before.
    /// </summary>
    private static string Comparisons(string name, RowLayout steps, RowLayout outputs)
    {
        // Other layers' rows may go on for longer; what this unit holds then is nobody's.
        const string IsBehindARow = "step > 0 && step <= STEPS";
        string known = $"{IsBehindARow} && {steps.Of("row_before", "known")}";
        string last = $"{IsBehindARow} && {steps.Of("row_before", "last")}";
        return string.Join(
            "    else ",
            "    " + Compare(
                name, "product", "step < STEPS", "step",
                f => steps.Of("row", f), ["products", "products_overflowed", "products_inexact"]),
            Compare(
                name, "accumulator", known, "step - 1", f => steps.Of("row_before", f),
                ["accumulator", "overflowed", "inexact"]),
            Compare(
                name, "output", last, "step - 1",
                f => outputs.Of("of_before", f.Replace("result_", "")),
                ["result", "result_overflowed", "result_inexact"]));
    }

    private static string Compare(
        string name, string what, string when, string step, Func<string, string> expected,
        string[] found)
    {
        IEnumerable<string> differs = found.Select(f => $"{f} !== {expected(f)}");
        string said = string.Join(", ", found.Select(expected));
        return $$"""
            if ({{when}}
                    && ({{string.Join("\n      || ", differs)}})) begin
                  if (differences == 0) begin
                    $write("DIFFERS {{name}} {{what}} step=%0d expected=%h flags=%b %b",
                           {{step}}, {{said}});
                    $display(" found=%h flags=%b %b", {{string.Join(", ", found)}});
                  end
                  differences <= differences + 1;
                end

            """;
    }

    /// <summary>All testbenches side by side, until the last is done.</summary>
    public static string Of(IReadOnlyCollection<string> names) => $$"""
        module bench (
          input logic clk
        );
          logic [{{names.Count - 1}}:0] done;
        {{string.Concat(names.Select(One))}}
          always @(posedge clk) if (&done) $finish;
        endmodule

        """;

    private static string One(string name, int index) =>
        $"  {name}_bench bench_{index} (.clk(clk), .done(done[{index}]));\n";

    /// <summary>A clock for simulators that run SystemVerilog alone.</summary>
    public const string Clock = """
        module clock;
          logic clk = 1'b0;
          always #1 clk = ~clk;
          bench all (.clk(clk));
        endmodule

        """;
}
