using System.Globalization;
using System.Text.RegularExpressions;

namespace QSim.Runner.Studies.Searching;

/// <summary>How a constraint is meant.</summary>
internal enum ConstraintKind
{
    /// <summary>The figure is at most the number.</summary>
    AtMost,

    /// <summary>The figure is at least the number.</summary>
    AtLeast,

    /// <summary>The accuracy is at most so many points below the float network's.</summary>
    BelowFloat,
}

/// <summary>Something that a design has to meet.</summary>
/// <param name="Metric">The figure; accuracies are in percent.</param>
/// <param name="Kind">How the number is meant.</param>
/// <param name="Number">The number.</param>
internal sealed partial record Constraint(Metric Metric, ConstraintKind Kind, double Number)
{
    private const string Supported = "FIGURE at most N, FIGURE at least N, or ACCURACY at most N "
        + "points below float; accuracies are in percent";

    /// <summary>As it is written.</summary>
    public override string ToString()
    {
        string number = Number.ToString("R", CultureInfo.InvariantCulture);
        return Kind switch
        {
            ConstraintKind.AtMost => $"{Metric.Name} at most {number}",
            ConstraintKind.AtLeast => $"{Metric.Name} at least {number}",
            ConstraintKind.BelowFloat => $"{Metric.Name} at most {number} points below float",
        };
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="RequestException">It is something else.</exception>
    public static Constraint Parse(string text)
    {
        Match match = Sentence().Match(text);
        if (!match.Success
            || !double.TryParse(
                match.Groups["number"].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture,
                out double number)
            || !double.IsFinite(number) || number < 0)
            throw new RequestException($"'{text}' is not a constraint (supported: {Supported})");
        var metric = Metric.Parse(match.Groups["metric"].Value);
        bool isOfFloat = match.Groups["float"].Success;
        if (isOfFloat && (!metric.IsAccuracy || metric.Kind == MetricKind.Proved
            || match.Groups["end"].Value != "most"))
            throw new RequestException(
                $"'{text}': only clean and worst accuracy are 'at most N points below float'");
        return new(
            metric,
            isOfFloat ? ConstraintKind.BelowFloat
                : match.Groups["end"].Value == "most" ? ConstraintKind.AtMost
                : ConstraintKind.AtLeast,
            number);
    }

    /// <summary>
    /// By how much a figure misses it, relative to the number: 0 where it is met.
    /// </summary>
    /// <param name="figure">The figure; accuracies in percent.</param>
    /// <param name="ofFloat">That of the float network; only of accuracies.</param>
    public double Violation(double figure, double ofFloat) => Kind switch
    {
        ConstraintKind.AtMost => Math.Max(0, figure - Number) / Math.Max(1, Number),
        ConstraintKind.AtLeast => Math.Max(0, Number - figure) / Math.Max(1, Number),
        ConstraintKind.BelowFloat => Math.Max(0, ofFloat - figure - Number - 1e-9) / 100,
    };

    [GeneratedRegex(
        @"^(?<metric>.+?) at (?<end>most|least) (?<number>\S+)(?<float> points? below float)?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Sentence();
}
