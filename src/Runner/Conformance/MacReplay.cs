using System.Globalization;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;

namespace QSim.Runner.Conformance;

/// <summary>Replays accumulations, one JSON object a line: every partial sum and the output are compared.</summary>
internal static class MacReplay
{
    public static ReplayReport Run(string file, string text, ReplayOptions options)
    {
        var tally = new ReplayTally(options.Show);
        long steps = 0;
        string[] lines = text.TrimStart('\uFEFF').Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i])) continue;
            JsonRow row = JsonRow.Parse(file, i + 1, lines[i]);
            steps += Replay(file, row, options, tally);
        }

        string note = string.Create(CultureInfo.InvariantCulture, $"{steps} partial sums");
        return new(file, "accumulation", tally.Rows, tally.Mismatches, tally.First, note);
    }

    private static long Replay(string file, JsonRow row, ReplayOptions options, ReplayTally tally)
    {
        MacRow read = MacRow.Read(row, options.Dialect ?? OverflowDialect.Ap);
        var program = new QuantizedProgram(
            "replay", new(read.Layer.Input, RoundingMode.TowardNegative, OverflowMode.Wrap), [read.Layer]);
        if (ProgramLimits.WhyNot(program) is { } reason) throw row.Error("accumulator", reason);

        MacTrace trace = MacTracer.Trace(program, 0, read.Inputs, new ElementAddress(0, 0, 0));
        long[] steps = [.. trace.Updates.Select(u => u.Accumulator)];
        if (read.Steps is { } stated && stated.Length != steps.Length)
            throw row.Error("steps", $"{stated.Length} partial sums where these make {steps.Length}");
        int wrong = read.Steps is { } expected ? FirstDifference(expected, steps) : -1;
        bool outputAgrees = read.Output is null || read.Output == trace.Output;
        tally.Add(wrong < 0 && outputAgrees, () => Describe(file, row, read, trace, wrong));
        return read.Steps is null ? 0 : steps.Length;
    }

    private static string Describe(string file, JsonRow row, MacRow read, MacTrace trace, int wrong)
    {
        string where = $"{file}:{row.Line}: {read.Name}";
        if (wrong < 0) return string.Create(
            CultureInfo.InvariantCulture,
            $"{where}: output {trace.Output}, the file says {read.Output} (every partial sum agrees)");
        long before = wrong == 0 ? trace.Start : trace.Updates[wrong - 1].Accumulator;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{where}: step {wrong}: accumulator {before} becomes {trace.Updates[wrong].Accumulator}, " +
            $"the file says {read.Steps![wrong]}; output {trace.Output}" +
            $"{(read.Output is { } output ? $", the file says {output}" : "")}");
    }

    private static int FirstDifference(long[] expected, long[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
            if (expected[i] != actual[i]) return i;
        return -1;
    }
}
