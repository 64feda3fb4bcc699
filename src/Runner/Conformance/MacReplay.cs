using System.Globalization;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;

namespace QSim.Runner.Conformance;

/// <summary>
/// Replays accumulations, one JSON object a line: every partial sum and the output are compared.
/// </summary>
internal static class MacReplay
{
    public static ReplayReport Run(string file, string text, ReplayOptions options)
    {
        var dialects = new DialectTally(options);
        long steps = 0;
        string[] lines = text.TrimStart('\uFEFF').Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i])) continue;
            JsonRow row = JsonRow.Parse(file, i + 1, lines[i]);
            OverflowDialect? stated = row.Has("dialect")
                ? Modes.Dialect(row.Text("dialect", ""), m => row.Error("dialect", m))
                : null;
            dialects.Add(
                stated,
                (dialect, tally) =>
                {
                    (MacRow read, MacTrace trace) = Replay(row, dialect);
                    if (dialect == (stated ?? options.Dialect ?? OverflowDialect.Ap))
                        steps += read.Steps?.Length ?? 0;
                    Compare(file, row, read, trace, tally);
                    return (
                        string.Join(',', trace.Updates.Select(u => u.Accumulator)), trace.Output);
                });
        }

        string sums = string.Create(CultureInfo.InvariantCulture, $"{steps} partial sums");
        return dialects.Report(file, "accumulation", sums);
    }

    private static (MacRow Read, MacTrace Trace) Replay(JsonRow row, OverflowDialect dialect)
    {
        MacRow read = MacRow.Read(row, dialect);
        var program = new QuantizedProgram(
            "replay", new(read.Layer.Input, RoundingMode.TowardNegative, OverflowMode.Wrap),
            [read.Layer]);
        return ProgramLimits.WhyNot(program) is { } reason
            ? throw row.Error("accumulator", reason)
            : (read, MacTracer.Trace(program, 0, read.Inputs, new ElementAddress(0, 0, 0)));
    }

    private static void Compare(
        string file, JsonRow row, MacRow read, MacTrace trace, ReplayTally tally)
    {
        long[] steps = [.. trace.Updates.Select(u => u.Accumulator)];
        if (read.Steps is { } stated && stated.Length != steps.Length)
            throw row.Error(
                "steps", $"{stated.Length} partial sums where these make {steps.Length}");
        int wrong = read.Steps is { } expected ? FirstDifference(expected, steps) : -1;
        bool outputAgrees = read.Output is null || read.Output == trace.Output;
        tally.Add(wrong < 0 && outputAgrees, () => Describe(file, row, read, trace, wrong));
    }

    private static string Describe(string file, JsonRow row, MacRow read, MacTrace trace, int wrong)
    {
        string where = $"{file}:{row.Line}: {read.Name}";
        if (wrong < 0)
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{where}: output {trace.Output}, the file says {read.Output} "
                    + $"(every partial sum agrees)");
        long before = wrong == 0 ? trace.Start : trace.Updates[wrong - 1].Accumulator;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{where}: step {wrong}: accumulator {before} becomes "
                + $"{trace.Updates[wrong].Accumulator}, the file says {read.Steps![wrong]}; "
                + $"output {trace.Output}"
                + $"{(read.Output is { } output ? $", the file says {output}" : "")}");
    }

    private static int FirstDifference(long[] expected, long[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
            if (expected[i] != actual[i]) return i;
        return -1;
    }
}
