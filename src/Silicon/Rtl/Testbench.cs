using QSim.Silicon.Vectors;

namespace QSim.Silicon.Rtl;

/// <summary>
/// A testbench that checks itself: it plays the rows of <c>steps.hex</c> and <c>outputs.hex</c> and
/// holds every register against what the reference backend says.
/// </summary>
internal static class Testbench
{
    /// <summary>The testbench; its clock comes from outside, so that any simulator drives it.</summary>
    public static string Of(MacModules unit, MacVectors vectors)
    {
        RowLayout steps = vectors.Steps, outputs = vectors.Outputs;
        string Step(string field) => steps.Of("row", field);
        string Last(string field) => steps.Of("row_before", field);
        string Out(string field) => outputs.Of("of_row", field);
        string Done(string field) => outputs.Of("of_before", field);
        List<string> mac =
        [
            ".clk(clk)", ".enable(1'b1)", $".first({Step("first")})",
            $".x({Step("x")})", $".w({Step("w")})", $".bias({Out("bias")})",
            ".products(products)", ".products_overflowed(products_overflowed)",
            ".products_inexact(products_inexact)", ".accumulator(accumulator)",
            ".overflowed(overflowed)", ".inexact(inexact)",
        ];
        foreach (string name in new[] { "last_bias", "product_random" }.Where(steps.Has))
            mac.Add($".{name}({Step(name)})");

        // Converted as it leaves, the accumulator rounds after the clock; a register's, before.
        if (steps.Has("random"))
            mac.Add($".random({(unit.IsAtEnd ? Last("random") : Step("random"))})");
        List<string> requantize =
        [
            ".accumulator(accumulator)", ".result(result)", ".overflowed(result_overflowed)",
            ".inexact(result_inexact)",
        ];
        foreach ((string name, _, _) in outputs.Fields)
            if (name is not ("bias" or "result" or "overflowed" or "inexact"))
                requantize.Add($".{name}({Done(name)})");
        Wire result = new("result", outputs.Fields.Single(f => f.Name == "result").Bits, false);
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
              initial begin
                $readmemh("vectors/{{unit.Name}}_steps.hex", steps);
                $readmemh("vectors/{{unit.Name}}_outputs.hex", outputs);
              end

              integer step = 0;
              integer number = 0;
              integer differences = 0;
              // verilator lint_off UNUSEDSIGNAL
              logic [{{steps.Bits - 1}}:0] row, row_before = '0;
              logic [{{outputs.Bits - 1}}:0] of_row, of_before = '0;
              // verilator lint_on UNUSEDSIGNAL
              assign row = steps[step < STEPS ? step : STEPS - 1];
              assign of_row = outputs[number < OUTPUTS ? number : OUTPUTS - 1];

              {{Wire.TypeOf(unit.Lanes * unit.Product.Bits, false, true)}} products;
              {{Wire.TypeOf(unit.Lanes, false, true)}} products_overflowed, products_inexact;
              {{unit.Accumulator.Type}} accumulator;
              logic overflowed, inexact;
              {{unit.Name}}_mac unit (
                {{string.Join(",\n    ", mac)}}
              );

              {{result.Type}} result;
              logic result_overflowed, result_inexact;
              {{unit.Name}}_requantize out (
                {{string.Join(",\n    ", requantize)}}
              );

              always @(posedge clk) begin
                // Products belong to the row that is on the wires, registers to the one before.
                if (step < STEPS && (products !== {{Step("products")}}
                    || products_overflowed !== {{Step("products_overflowed")}}
                    || products_inexact !== {{Step("products_inexact")}})) begin
                  if (differences == 0)
                    $display("DIFFERS {{unit.Name}} product step=%0d expected=%h found=%h", step,
                             {{Step("products")}}, products);
                  differences <= differences + 1;
                end
                else if (step > 0 && {{Last("known")}} && (accumulator !== {{Last("accumulator")}}
                    || overflowed !== {{Last("overflowed")}} || inexact !== {{Last("inexact")}})) begin
                  if (differences == 0)
                    $display("DIFFERS {{unit.Name}} accumulator step=%0d expected=%h found=%h flags=%b%b", step - 1,
                             {{Last("accumulator")}}, accumulator, overflowed, inexact);
                  differences <= differences + 1;
                end
                else if (step > 0 && {{Last("last")}} && (result !== {{Done("result")}}
                    || result_overflowed !== {{Done("overflowed")}}
                    || result_inexact !== {{Done("inexact")}})) begin
                  if (differences == 0)
                    $display("DIFFERS {{unit.Name}} output step=%0d expected=%h found=%h flags=%b%b", step - 1,
                             {{Done("result")}}, result, result_overflowed, result_inexact);
                  differences <= differences + 1;
                end

                row_before <= row;
                of_before <= of_row;
                if (step < STEPS && {{Step("last")}}) number <= number + 1;
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
            endmodule
            """ + "\n";
    }

    /// <summary>All testbenches side by side, until the last is done.</summary>
    public static string Of(IReadOnlyCollection<string> names) => $$"""
        module bench (
          input logic clk
        );
          logic [{{names.Count - 1}}:0] done;
        {{string.Concat(names.Select((n, i) => $"  {n}_bench {n} (.clk(clk), .done(done[{i}]));\n"))}}
          always @(posedge clk) if (&done) $finish;
        endmodule

        """;

    /// <summary>A clock for simulators that run SystemVerilog alone.</summary>
    public const string Clock = """
        module clock;
          logic clk = 1'b0;
          always #1 clk = ~clk;
          bench all (.clk(clk));
        endmodule

        """;

    /// <summary>A clock for Verilator.</summary>
    public const string Main = """
        #include "Vbench.h"
        #include "verilated.h"

        int main() {
          VerilatedContext context;
          Vbench bench{&context};
          while (!context.gotFinish()) {
            bench.clk = 0;
            bench.eval();
            bench.clk = 1;
            bench.eval();
          }
          return 0;
        }

        """;
}
