namespace QSim.Kernels.Bench;

/// <summary>What the CPU backend is meant to reach, and what the cells say about it.</summary>
internal static class Targets
{
    /// <summary>Up to this share of overflowing accumulators, saturation counts as rare.</summary>
    private const double Rare = 0.001;

    public static void Print(IReadOnlyList<Cell> cells)
    {
        Console.WriteLine("| target | asked | worst | where | best | reached |");
        Console.WriteLine("|---|--:|--:|---|--:|---|");
        AtLeast(
            "exact and wrapping, every layer's depth >= 256: of the rate",
            0.5,
            "P0",
            c => c.OfRate,
            [
                .. cells.Where(c =>
                    c.LeastDepth >= 256 && c.Arithmetic is ("exact32" or "wrap16" or "wrap24")),
            ]);
        AtLeast(
            "exact and wrapping, anywhere: times the reference",
            100,
            "F0",
            c => c.OfReference,
            [
                .. cells.Where(c =>
                    c.Arithmetic.StartsWith("exact") || c.Arithmetic.StartsWith("wrap")),
            ]);
        AtMost(
            $"saturating in at most {Rare:P1} of the accumulators: times exact", 1.6,
            c => c.OfExact,
            [.. cells.Where(c => c.Arithmetic.StartsWith("sat") && c.Overflowed <= Rare)]);
        AtLeast(
            "saturating more often: times the reference", 20, "F0", c => c.OfReference,
            [.. cells.Where(c => c.Arithmetic.StartsWith("sat") && c.Overflowed > Rare)]);
        AtMost(
            "rounding at every update, commuting modes: times exact", 1.0, c => c.OfExact,
            [.. cells.Where(c => c.Arithmetic is "trn-every" or "rnd-every" or "trn-wrap16")]);
        AtLeast("2 threads: times one", 1.8, "F2", c => c.Speedup, cells);
        AtLeast("lenet5, exact int8: of the rate", 0.25, "P0", c => c.OfRate,
            [.. cells.Where(c => c.Network == "lenet5" && c.Arithmetic.StartsWith("exact"))]);
    }

    private static void AtLeast(
        string what, double asked, string format, Func<Cell, double> value,
        IReadOnlyList<Cell> cells)
    {
        if (cells.Count == 0) return;
        Cell worst = cells.MinBy(value)!;
        Line(
            what, asked, value(worst), cells.Max(value), worst, format,
            cells.Count(c => value(c) >= asked), cells.Count);
    }

    private static void AtMost(
        string what, double asked, Func<Cell, double> value, IReadOnlyList<Cell> cells)
    {
        if (cells.Count == 0) return;
        Cell worst = cells.MaxBy(value)!;
        Line(
            what, asked, value(worst), cells.Min(value), worst, "F2",
            cells.Count(c => value(c) <= asked), cells.Count);
    }

    private static void Line(
        string what, double asked, double worst, double best, Cell where, string format,
        int reached, int all) =>
        Console.WriteLine(
            $"| {what} | {asked.ToString(format)} | {worst.ToString(format)} | {where.Network}, "
                + $"{where.Arithmetic} | {best.ToString(format)} | "
                + $"{(reached == all ? "yes" : $"{reached} of {all}")} |");
}
