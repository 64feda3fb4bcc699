using QSim.Silicon.Rtl;
using QSim.Silicon.Vectors;

namespace QSim.Silicon.Cost;

/// <summary>
/// Plays real operands to synthesised netlists. The requantization sees finished accumulators only,
/// so its transitions are those of one output, not of one cycle.
/// </summary>
internal static class CostBench
{
    /// <summary>The top module of lanes, adder tree and accumulator.</summary>
    public const string Accumulate = "accumulate";

    /// <summary>The top module that makes an output of an accumulator.</summary>
    public const string Requantize = "requantize";

    /// <summary>The bench.</summary>
    public static string Of(MacModules unit, MacVectors vectors)
    {
        RowLayout steps = vectors.Steps, outputs = vectors.Outputs;
        int resultBits = outputs.Fields.Single(f => f.Name == "result").Bits;
        return $$"""
            module bench;
              localparam int STEPS = {{vectors.StepCount}};
              localparam int OUTPUTS = {{vectors.Elements.Count}};
              logic clk = 1'b0;
              always #1 clk = ~clk;
              logic [{{steps.Bits - 1}}:0] steps [0:STEPS-1];
              logic [{{outputs.Bits - 1}}:0] outputs [0:OUTPUTS-1];
              integer step = 0, number = 0, differs = -1;
              logic [{{steps.Bits - 1}}:0] row, row_before = '0;
              logic [{{outputs.Bits - 1}}:0] of_row, of_before = '0, of_held = '0;
              assign row = steps[step < STEPS ? step : STEPS - 1];
              assign of_row = outputs[number < OUTPUTS ? number : OUTPUTS - 1];

              {{unit.Accumulator.Type}} accumulator, held;
              {{Wire.TypeOf(resultBits, false)}} result;
              logic finished = 1'b0;
              {{Accumulate}} accumulate (
                {{string.Join(",\n    ", Accumulating(unit, steps, outputs))}}
              );
              {{Requantize}} requantize (
                {{string.Join(",\n    ", Requantizing(outputs))}}
              );

              initial begin
                $readmemh("steps.hex", steps);
                $readmemh("outputs.hex", outputs);
                $dumpfile("activity.vcd");
                $dumpvars(0, accumulate, requantize);
              end
              always @(posedge clk) begin
                if (step > 0 && step <= STEPS && {{steps.Of("row_before", "known")}}
                    && accumulator !== {{steps.Of("row_before", "accumulator")}} && differs < 0)
                  differs = step - 1;
                if (finished && result !== {{outputs.Of("of_held", "result")}} && differs < 0)
                  differs = step - 1;
                finished <= step > 0 && step <= STEPS && {{steps.Of("row_before", "last")}};
                if (step > 0 && step <= STEPS && {{steps.Of("row_before", "last")}}) begin
                  held <= accumulator;
                  of_held <= of_before;
                end
                row_before <= row;
                of_before <= of_row;
                if (step < STEPS && {{steps.Of("row", "last")}}) number <= number + 1;
                step <= step + 1;
                if (step == STEPS + 2) begin
                  if (differs < 0) $display("EQUAL");
                  else $display("DIFFERS step=%0d", differs);
                  $finish;
                end
              end
            endmodule
            """ + "\n";
    }

    private static List<string> Accumulating(MacModules unit, RowLayout steps, RowLayout outputs)
    {
        List<string> ports =
        [
            ".clk(clk)", ".enable(1'b1)", $".bias({outputs.Of("of_row", "bias")})",
            ".accumulator(accumulator)",
            .. new[] { "first", "last_bias", "x", "w", "product_random" }.Where(steps.Has)
                .Select(name => $".{name}({steps.Of("row", name)})"),
        ];
        if (steps.Has("random"))
            ports.Add($".random({steps.Of(unit.IsAtEnd ? "row_before" : "row", "random")})");
        return ports;
    }

    private static IEnumerable<string> Requantizing(RowLayout outputs) =>
    [
        ".accumulator(held)", ".result(result)",
        .. outputs.Fields
            .Select(f => f.Name)
            .Where(n => n is not ("bias" or "result" or "overflowed" or "inexact"))
            .Select(n => $".{n}({outputs.Of("of_held", n)})"),
    ];
}
