using System.Globalization;
using QSim.Runner.CommandLine;

namespace QSim.Runner.Studies;

/// <summary>A perturbation budget, as large as an image's whole range at 1.</summary>
/// <param name="Text">As the user wrote it, as in <c>8/255</c>.</param>
/// <param name="Value">What that comes to, 0..1.</param>
public readonly record struct Epsilon(string Text, double Value)
{
    /// <summary>No perturbation.</summary>
    public static Epsilon Zero { get; } = new("0", 0);

    /// <summary>Reads a number or a fraction.</summary>
    /// <exception cref="UsageException">It is neither, or outside 0..1.</exception>
    public static Epsilon Parse(string text)
    {
        string[] parts = text.Trim().Split('/');
        if (parts.Length > 2 || !Number(parts[0], out double above) || !Number(parts[^1], out double below))
            throw Bad(text, "is no number");
        double value = parts.Length == 1 ? above : above / below;
        if (!(value >= 0 && value <= 1)) throw Bad(text, "is outside 0..1");
        return new(text.Trim(), value);
    }

    /// <summary>Reads several, separated by commas, and puts them in ascending order without repetitions.</summary>
    /// <exception cref="UsageException">One is no epsilon.</exception>
    public static IReadOnlyList<Epsilon> ParseList(IEnumerable<string> texts) =>
    [
        .. texts.SelectMany(t => t.Split(',', StringSplitOptions.RemoveEmptyEntries))
            .Select(Parse).DistinctBy(e => e.Value).OrderBy(e => e.Value),
    ];

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static bool Number(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite
            | NumberStyles.AllowTrailingWhite | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value);

    private static UsageException Bad(string text, string why) =>
        new($"epsilon '{text}' {why} (supported: 0..1 as a number or a fraction, as in 0.03 or 8/255)");
}
