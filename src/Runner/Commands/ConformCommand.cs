using System.CommandLine;
using System.Globalization;
using QSim.Kernels.Arithmetic;
using QSim.Runner.CommandLine;
using QSim.Runner.Conformance;
using QSim.Runner.Output;
using QSim.Runner.Silicon.Vectors;

namespace QSim.Runner.Commands;

/// <summary>
/// <c>qsim conform</c>: other people's results against the simulator, bit by bit.
/// </summary>
internal static class ConformCommand
{
    private const string Auto = "auto";

    private const string Help = """
          qsim conform casts.csv.gz macs.jsonl conv.npz
          qsim conform --dialect systemc my-rtl-dump.csv
          qsim conform --vectors golden results     what a simulation wrote for 'qsim vectors'

        A file's kind follows from its content, never from its name; each may be gzip compressed.

        Conversions (CSV), columns in any order, raw values as unsigned bits or as signed numbers:
          src_signed,src_bits,src_integer_bits,dst_signed,dst_bits,dst_integer_bits,rounding,overflow,
          src_raw,dst_raw and, where wanted, n (saturation bits), dialect (ap or systemc), id
        Requantizations (CSV): accumulator,multiplier,right_shift,result and, where wanted, high_mul,
          kind (double or single), id
        Accumulations (JSON lines): x, w, product (null for exact products), accumulator, output, each
          {"bits","integer_bits","signed","rounding","overflow","n"}; bias, xs, ws, steps, out; where
          wanted lanes (a number or "all"), interleave, when ("every_update", "end"), bias_position
          ("first", "last"), x_zero_point, dialect, id
        Convolutions (npz): ID_x (NCHW), ID_w (OIHW), ID_b, ID_y, and meta: UTF-8 JSON, an array of
          {"id","stride","padding","dilation","groups","x_scale","x_zero_point","w_scale",
          "w_zero_point","y_scale","y_zero_point"}, and where wanted "scale_order": how the float32 scale
          is computed, "divide" (ONNX Runtime), "reciprocal" (QNNPACK), "reciprocals" (oneDNN: a real
          bias stays float32, one rounding) or "double"; tried in turn if left out
        Networks (npz): what 'qsim explain taps' writes, with the raw values of your own hardware in its
          arrays; arrays of registers may be left out

        With --vectors FOLDER: registers as 'qsim vectors' lays them out, files or folders of NAME.hex,
          NAME.csv and npz; the first difference in the order in which values pass comes first

        The dialects ap and systemc differ for WRAP with saturation bits into unsigned formats and for
        WRAP_SM. Rows that name none are replayed in both, and the report says which one all of them
        together follow, and how many rows tell.

        Exit codes: 0 every row agrees, 1 some row differs, 2 a file cannot be read.
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var files = new Argument<string[]>("file")
        {
            Description =
                "Files of results: .csv, .jsonl, their .gz, .npz; with --vectors also .hex and "
                    + "folders.",
            Arity = ArgumentArity.OneOrMore,
        };
        var dialect = new Option<string>("--dialect")
        {
            Description =
                "Whose reading of the corner cases: ap, systemc, or auto (try both and say which "
                    + "fits).",
            HelpName = "dialect",
            DefaultValueFactory = _ => Auto,
        };
        var vectors = new Option<string?>("--vectors")
        {
            Description = "The folder of 'qsim vectors' that the files are results for.",
            HelpName = "folder",
        };
        var show = new Option<int>("--show")
        {
            Description = "Maximum number of mismatches of each file to print in full.",
            HelpName = "count",
            DefaultValueFactory = _ => 5,
        };
        var command = new Command(
            "conform", "Replay other tools' results against the simulator, bit by bit.")
        {
            files, dialect, vectors, show,
        };
        command.SetAction(parsed =>
            (int)Run(
                screen,
                parsed.GetRequiredValue(files), parsed.GetValue(vectors),
                new ReplayOptions(
                    Dialect(parsed.GetRequiredValue(dialect)),
                    parsed.GetRequiredValue(show) is >= 0 and var most
                        ? most
                        : throw new RequestException("--show: 0 or more is needed"))));
        Examples.AddTo(command, Help);
        return command;
    }

    private static OverflowDialect? Dialect(string name) =>
        name == Auto
            ? null
            : Modes.Dialect(name, m => new RequestException($"--dialect: {m[..^1]}, {Auto})"));

    private static ExitCode Run(
        Screen screen, string[] files, string? vectors, ReplayOptions options)
    {
        Func<string, ReplayReport> replay = vectors is null
            ? file => Replay.Run(file, options)
            : new VectorReplay(vectors, options).Run;
        ReplayReport[] reports = [.. files.Select(replay)];
        new TextTable(
            ["file", "kind", "rows", "mismatches", "note"],
            [
                .. reports.Select(r =>
                    new[] { r.File, r.Kind, Text(r.Rows), Text(r.Mismatches), r.Note }),
            ])
        {
            RightAligned = new HashSet<int> { 2, 3 },
        }.Write(screen);
        foreach (ReplayReport report in reports.Where(r => r.Mismatches > 0))
        {
            screen.Line();
            screen.Line($"first mismatches in {report.File}:");
            foreach (string mismatch in report.First) screen.Line($"  {mismatch}");
        }

        return reports.All(r => r.Mismatches == 0) ? ExitCode.Done : ExitCode.GateFailed;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
