using QSim.Attacks.Evaluation;
using QSim.Runner.Statistics;

namespace QSim.Runner.Studies;

/// <summary>One target under one attack with one budget.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Threat">What the attacker knew; null for clean images.</param>
/// <param name="Target"><see cref="FloatTarget"/>, or a profile's name.</param>
/// <param name="Attack">
/// <see cref="NoAttack"/>, <see cref="WorstAttack"/>, or an attack's name.
/// </param>
/// <param name="Epsilon">As the user wrote it.</param>
/// <param name="EpsilonValue">What that comes to.</param>
/// <param name="Correct">Images still classified right.</param>
/// <param name="Images">Images attacked.</param>
/// <param name="Accuracy">Correct / images.</param>
/// <param name="Low95">Lower end of the 95 % Wilson interval.</param>
/// <param name="High95">Upper end of it.</param>
internal sealed record AccuracyCell(
    ulong Seed, ThreatModel? Threat, string Target, string Attack, string Epsilon,
    double EpsilonValue, int Correct, int Images, double Accuracy, double Low95, double High95)
{
    /// <summary>The name of the float network among the targets.</summary>
    public const string FloatTarget = "float";

    /// <summary>The attack of clean images.</summary>
    public const string NoAttack = "none";

    /// <summary>All attacks together: an image counts when none of them succeeds.</summary>
    public const string WorstAttack = "worst";

    /// <summary>Accuracy and interval from counts.</summary>
    public static AccuracyCell Of(
        ulong seed, ThreatModel? threat, string target, string attack, Epsilon epsilon,
        Proportion correct)
    {
        Interval interval = correct.Wilson95();
        return new(
            seed, threat, target, attack, epsilon.ToString(), epsilon.Value, correct.Successes,
            correct.Trials, correct.Value, interval.Low, interval.High);
    }
}
