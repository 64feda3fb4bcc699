using QSim.Attacks.Evaluation;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies.Searching;

/// <summary>What kind of figure a design has.</summary>
internal enum MetricKind
{
    /// <summary>Accuracy on clean images.</summary>
    Clean,

    /// <summary>Accuracy under the worst attack at a budget.</summary>
    Worst,

    /// <summary>The share of images that is proved at a budget.</summary>
    Proved,

    /// <summary>Area of the units, by the fitted model.</summary>
    Area,

    /// <summary>The slowest path of the units, by the fitted model.</summary>
    Delay,

    /// <summary>Energy of the units for one image, by the fitted model.</summary>
    Energy,

    /// <summary>Bits of weight memory.</summary>
    WeightBits,

    /// <summary>Multiply-accumulates of one image times the bits of both factors.</summary>
    BitOperations,
}

/// <summary>A figure that designs are compared by.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Epsilon">The budget; null where there is none.</param>
internal sealed record Metric(MetricKind Kind, Epsilon? Epsilon = null)
{
    private static readonly (string Word, MetricKind Kind, string Unit)[] Words =
    [
        ("clean", MetricKind.Clean, "%"), ("worst", MetricKind.Worst, "%"),
        ("proved", MetricKind.Proved, "%"), ("area", MetricKind.Area, "um2"),
        ("delay", MetricKind.Delay, "ns"), ("energy", MetricKind.Energy, "nJ an image"),
        ("weight_bits", MetricKind.WeightBits, "bits"),
        ("bit_operations", MetricKind.BitOperations, "bit operations an image"),
    ];

    /// <summary>What may be written, for messages.</summary>
    public const string Supported = "clean, worst at EPSILON, proved at EPSILON, area, delay, "
        + "energy, weight_bits, bit_operations";

    /// <summary>Whether it takes images to know it, and more of it is better.</summary>
    public bool IsAccuracy => Kind is MetricKind.Clean or MetricKind.Worst or MetricKind.Proved;

    /// <summary>Whether the fitted cost model says it.</summary>
    public bool IsModelled =>
        Kind is MetricKind.Area or MetricKind.Delay or MetricKind.Energy;

    /// <summary>As it is written: <c>worst at 8/255</c>.</summary>
    public string Name => Words.First(w => w.Kind == Kind).Word
        + (Epsilon is { } epsilon ? $" at {epsilon}" : "");

    /// <summary>The unit of its figures.</summary>
    public string Unit => Words.First(w => w.Kind == Kind).Unit;

    /// <summary>Reads one.</summary>
    /// <exception cref="RequestException">It is something else.</exception>
    public static Metric Parse(string text)
    {
        string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int at = Array.FindIndex(Words, w => parts.Length > 0 && w.Word == parts[0]);
        if (at < 0)
            throw new RequestException(
                $"'{text}' is not a figure of a design"
                    + $"{Suggestion.Hint(parts.FirstOrDefault(""), [.. Words.Select(w => w.Word)])}"
                    + $" (supported: {Supported})");
        MetricKind kind = Words[at].Kind;
        bool hasBudget = kind is MetricKind.Worst or MetricKind.Proved;
        return (hasBudget, parts) switch
        {
            (false, [_]) => new(kind),
            (true, [_, "at", var budget]) when QSim.Attacks.Evaluation.Epsilon.TryParse(
                budget, out Epsilon epsilon) && epsilon.Value > 0 => new(kind, epsilon),
            _ => throw new RequestException(
                $"'{text}': {parts[0]} "
                    + (hasBudget ? "needs a budget, as in 'worst at 8/255'" : "stands alone")
                    + $" (supported: {Supported})"),
        };
    }
}
