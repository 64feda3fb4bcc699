using System.Collections.Immutable;
using System.Globalization;
using QSim.Attacks.Gradients.Losses;

namespace QSim.Attacks.Methods.Settings;

/// <summary>One thing that can be set about an attack.</summary>
/// <param name="Key">Its name in studies.</param>
/// <param name="Default">What it is where nobody says otherwise.</param>
/// <param name="Meaning">One line for people.</param>
public sealed record AttackSetting(string Key, string Default, string Meaning)
{
    /// <summary>A length of a step may be said as a share of all steps together.</summary>
    private const string PerStep = "/steps";

    /// <summary>Legal words; empty for a number.</summary>
    public ImmutableArray<string> Words { get; private init; } = [];

    /// <summary>The smallest number.</summary>
    public double Least { get; private init; }

    /// <summary>The largest number.</summary>
    public double Most { get; private init; }

    /// <summary>Whether only whole numbers will do.</summary>
    public bool IsWhole { get; private init; }

    /// <summary>Whether <c>N/steps</c> will do too.</summary>
    public bool IsPerStep { get; private init; }

    /// <summary>What is legal, in few words.</summary>
    public string Supported => Words.Length > 0
        ? string.Join(", ", Words)
        : FormattableString.Invariant($"{Least}..{Most}")
            + (IsPerStep ? ", or as in 2.5/steps" : "");

    /// <summary>A whole number.</summary>
    public static AttackSetting Whole(
        string key, int fallback, string meaning, int least = 1, int most = 100_000) =>
        new(key, fallback.ToString(CultureInfo.InvariantCulture), meaning)
        {
            Least = least,
            Most = most,
            IsWhole = true,
        };

    /// <summary>A number.</summary>
    public static AttackSetting Real(
        string key, double fallback, string meaning, double least = 0, double most = 1000) =>
        new(key, fallback.ToString("R", CultureInfo.InvariantCulture), meaning)
        {
            Least = least,
            Most = most,
        };

    /// <summary>The length of a step over epsilon.</summary>
    public static AttackSetting Step(string fallback) =>
        new("step", fallback, "length of a step over epsilon")
        {
            Least = 0,
            Most = 1000,
            IsPerStep = true,
        };

    /// <summary>What an attack climbs.</summary>
    public static AttackSetting Loss(string fallback = "ce") =>
        new("loss", fallback, "loss") { Words = [.. LossList.Names] };

    /// <summary>Where an attack starts.</summary>
    public static AttackSetting Start(string fallback) =>
        new("start", fallback, "starting point") { Words = [.. AttackValues.Starts.Keys] };

    /// <summary>How a value is written in one way only; null where it is not legal.</summary>
    public string? Canonical(string text)
    {
        if (Words.Length > 0) return Words.Contains(text) ? text : null;
        if (IsPerStep && text.EndsWith(PerStep, StringComparison.Ordinal))
            return Number(text[..^PerStep.Length]) is { } whole ? whole + PerStep : null;
        return Number(text);
    }

    /// <summary>The number that a canonical value stands for.</summary>
    internal static double Value(string canonical, Func<int> steps) =>
        canonical.EndsWith(PerStep, StringComparison.Ordinal)
            ? double.Parse(canonical[..^PerStep.Length], CultureInfo.InvariantCulture) / steps()
            : double.Parse(canonical, CultureInfo.InvariantCulture);

    private string? Number(string text) =>
        double.TryParse(
            text, IsWhole ? NumberStyles.None : NumberStyles.AllowDecimalPoint
                | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double value)
        && value >= Least && value <= Most
            ? value.ToString("R", CultureInfo.InvariantCulture)
            : null;
}
