using QSim.Silicon.Vectors;

namespace QSim.Silicon.Rtl;

/// <summary>
/// What lets a testbench write its registers out: with <c>+registers=FOLDER</c> one CSV per
/// register, by image, channel, row, column and step, as <c>qsim conform --vectors</c> takes it.
/// </summary>
/// <param name="unit">The unit.</param>
/// <param name="vectors">Its vectors.</param>
internal sealed class RegisterDump(MacModules unit, MacVectors vectors)
{
    private const string Flags = "_flags";
    private static readonly string[] Address = ["image", "channel", "row", "column"];

    private readonly string[] _files =
    [
        "product", .. unit.HasProductRegister ? ["product" + Flags] : Array.Empty<string>(),
        "accumulator", "accumulator" + Flags, "output", "output" + Flags,
    ];

    /// <summary>The text, for a module that has the testbench's wires.</summary>
    public string Text => $$"""

          // +registers=FOLDER writes what every register held, for qsim conform --vectors.
          string folder;
          bit writes = 1'b0;
          integer files [0:{{_files.Length - 1}}];
          logic [127:0] elements [0:OUTPUTS-1];
          initial
            if ($value$plusargs("registers=%s", folder) != 0) begin
              $readmemh("vectors/{{unit.Name}}_elements.hex", elements);
              writes = 1'b1;
        {{string.Concat(_files.Select(Opened))}}      if (!writes)
                $display("CANNOT WRITE to %s: make the folder first", folder);
            end
          // verilator lint_off UNUSEDSIGNAL
          integer cycle = 0;
          integer cycle_before = 0;
          integer number_before = 0;
          logic [127:0] at, at_before;
          // verilator lint_on UNUSEDSIGNAL
          integer lane;
          assign at = elements[number < OUTPUTS ? number : OUTPUTS - 1];
          assign at_before = elements[number_before];
          always @(posedge clk) if (writes) begin
        {{Products()}}{{Registers()}}    cycle <= {{Step("row", "last")}} ? 0 : cycle + 1;
            cycle_before <= cycle;
            number_before <= number < OUTPUTS ? number : OUTPUTS - 1;
          end

        """;

    private string Step(string row, string field) => vectors.Steps.Of(row, field);

    private string Opened(string file, int index)
    {
        string axis = file.StartsWith("product", StringComparison.Ordinal) ? ",step"
            : file.StartsWith("accumulator", StringComparison.Ordinal) ? ",update"
            : "";
        return $$"""
                  files[{{index}}] = $fopen({folder, "/{{unit.Name}}.{{file}}.csv"}, "w");
                  writes = writes && files[{{index}}] != 0;
                  if (writes)
                    $fdisplay(files[{{index}}],
                              "{{string.Join(',', Address)}}{{axis}},value");

            """;
    }

    private string Products()
    {
        int bits = unit.Product.Bits;
        string sign = unit.Product.IsSigned ? "$signed" : "$unsigned";
        string step = $"cycle * {unit.Lanes} + lane";
        string isProduct = "step < STEPS"
            + (unit.BiasCycle ? $" && !{Step("row", "last_bias")}" : "");
        string flags = "{products_inexact[lane], products_overflowed[lane]}";
        string lines = string.Join('\n', new[]
        {
            Line("product", "at", step, $"{sign}(products[lane*{bits} +: {bits}])"),
            Line("product" + Flags, "at", step, flags),
        }.Where(l => l.Length > 0));
        return $$"""
                if ({{isProduct}})
                  for (lane = 0; lane < {{unit.Lanes}}; lane = lane + 1)
                    if ({{step}} < {{vectors.Depth}}) begin
            {{lines}}
                    end

            """;
    }

    private string Registers()
    {
        string update = unit.IsAtEnd ? "0" : "cycle_before";
        string result = vectors.OutputIsSigned ? "$signed(result)" : "result";
        string flags = "{result_inexact, result_overflowed}";
        return $$"""
                if (step > 0 && step <= STEPS && {{Step("row_before", "known")}}) begin
            {{Line("accumulator", "at_before", update, "accumulator", 6)}}
            {{Line("accumulator" + Flags, "at_before", update, "{inexact, overflowed}", 6)}}
                end
                if (step > 0 && step <= STEPS && {{Step("row_before", "last")}}) begin
            {{Line("output", "at_before", null, result, 6)}}
            {{Line("output" + Flags, "at_before", null, flags, 6)}}
                end

            """;
    }

    private string Line(
        string file, string at, string? step, string value, int indent = 10)
    {
        int index = Array.IndexOf(_files, file);
        if (index < 0) return "";
        string format = "%0d,%0d,%0d,%0d" + (step is null ? ",%0d" : ",%0d,%0d");
        IEnumerable<string> where = Address.Select((_, i) => $"{at}[{(32 * i) + 31}:{32 * i}]");
        string first = new(' ', indent), next = new(' ', indent + 9);
        return $"{first}$fdisplay(files[{index}], \"{format}\",\n"
            + $"{next}{string.Join(", ", where)},\n"
            + $"{next}{(step is null ? "" : step + ", ")}{value});";
    }
}
