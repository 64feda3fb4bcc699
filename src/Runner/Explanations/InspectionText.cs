using System.Globalization;
using QSim.Runner.Output;

namespace QSim.Runner.Explanations;

/// <summary>What <c>qsim inspect</c> prints.</summary>
internal static class InspectionText
{
    /// <summary>A network's layers, and what profiles do with it.</summary>
    public static void Write(Screen screen, NetworkInspection network, bool isSeen)
    {
        screen.Line(
            $"{network.Name}: {network.Input} images, {network.Classes} logits, "
                + $"{Text(network.Parameters)} parameters, {Text(network.MultiplyAccumulates)} "
                + "multiply-accumulates an image"
                + (network.IsQuantized ? ", quantized: its own scales are used" : ""));
        screen.Line();
        new TextTable(
            [
                "layer", "type", "reads", "output", "parameters", "products", "weights", "values",
                "format in the file",
            ],
            [.. network.Layers.Select(l => new[]
            {
                l.Name, l.Kind, string.Join(", ", l.Reads), l.Output, Text(l.Parameters),
                Text(l.MultiplyAccumulates), Text(l.Weights), Text(l.Values), l.Quantizer ?? "",
            })])
        {
            RightAligned = new HashSet<int> { 4, 5 },
        }.Write(screen);
        screen.Line();
        new TextTable(
            ["profile", "runs it", "weights", "activations", "accumulators", "why not"],
            [.. network.Profiles.Select(p => new[]
            {
                p.Name, p.WhyNot is null ? "yes" : "no", p.Weights, p.Activations, p.Accumulators,
                p.WhyNot ?? "",
            })]).Write(screen);
        if (!isSeen && !network.IsQuantized)
            screen.Line(
                "Scales are those of sixteen grey images, for none were given: --data has ranges "
                    + "and scales from yours.");
    }

    /// <summary>How far values are from a user's.</summary>
    public static void Write(
        Screen screen, IReadOnlyList<(string Target, GoldenDifference Difference)> found,
        double tolerance)
    {
        new TextTable(
            ["target", "tensor", "largest difference", "image", "QSim", "golden", "verdict"],
            [.. found.Select(f => new[]
            {
                f.Target, f.Difference.Name, Text(f.Difference.Largest),
                $"{f.Difference.Image}", Text(f.Difference.Found), Text(f.Difference.Golden),
                f.Difference.Largest <= tolerance ? "within" : "above",
            })])
        {
            RightAligned = new HashSet<int> { 2, 3, 4, 5 },
        }.Write(screen);
        if (found.Select(f => f.Difference).FirstOrDefault(d => d.Largest > tolerance) is { } first)
            screen.Line(
                $"the first above {Text(tolerance)} is '{first.Name}' (--tolerance)");
        else
            screen.Line($"all within {Text(tolerance)} (--tolerance)");
    }

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Text(double number) =>
        number.ToString("g7", CultureInfo.InvariantCulture);

    private static string Text(IReadOnlyList<float>? range) => range is [var low, var high]
        ? string.Create(CultureInfo.InvariantCulture, $"{low:g3} to {high:g3}")
        : "";
}
