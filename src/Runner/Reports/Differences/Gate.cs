using System.Globalization;
using System.Text.RegularExpressions;

namespace QSim.Runner.Reports.Differences;

/// <summary>
/// What a team does not accept of a change, as in <c>robust drops more than 1.0</c>.
/// </summary>
/// <param name="IsRobust">About accuracy under attack; otherwise on clean images.</param>
/// <param name="Points">How many points of accuracy it may drop.</param>
internal sealed partial record Gate(bool IsRobust, double Points)
{
    /// <summary>Reads one.</summary>
    /// <exception cref="RequestException">It is none.</exception>
    public static Gate Parse(string text) =>
        Sentence().Match(text.Trim()) is { Success: true } match
            ? new(
                match.Groups["what"].Value == "robust",
                double.Parse(match.Groups["points"].ValueSpan, CultureInfo.InvariantCulture))
            : throw new RequestException(
                $"--fail-if '{text}' is not understood (supported: 'robust drops more than 1.0', "
                    + "'clean drops more than 0.5', in points)");

    /// <summary>Refuses a comparison that has nothing of what the gate is about.</summary>
    /// <exception cref="RequestException">It has not.</exception>
    public void Check(RunDifference difference)
    {
        if (!difference.Lines.Any(l => (l.Threat is not null) == IsRobust))
            throw new RequestException(
                IsRobust
                    ? "--fail-if robust: the runs have no attack and budget in common"
                    : "--fail-if clean: the runs have no clean images in common");
    }

    /// <summary>The lines that drop more, means over the seeds, each in words.</summary>
    public IReadOnlyList<string> Violations(RunDifference difference) =>
        [
            .. from line in difference.Lines
            where (line.Threat is not null) == IsRobust
            group line by (line.Threat, line.Target, line.Attack, line.Epsilon) into seeds
            let change = seeds.Average(l => l.Change)
            where change < -Points - 1e-9
            let under = IsRobust
                ? $" under {seeds.Key.Attack} at epsilon {seeds.Key.Epsilon}"
                : " on clean images"
            select FormattableString.Invariant(
                $"{seeds.Key.Target}{under} drops by {-change:F2} points, more than {Points}"),
        ];

    [GeneratedRegex(
        @"^(?<what>robust|clean)( accuracy)? drops (by )?more than "
        + @"(?<points>\d{1,3}(\.\d{1,9})?)( points?)?$")]
    private static partial Regex Sentence();
}
