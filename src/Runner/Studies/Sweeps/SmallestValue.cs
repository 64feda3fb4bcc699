using QSim.Attacks.Evaluation;

namespace QSim.Runner.Studies.Sweeps;

/// <summary>
/// The smallest value of a swept key from which on accuracy stays within some points of a
/// reference, all other keys being the same.
/// </summary>
/// <param name="Seed">The seed.</param>
/// <param name="Threat">What the attacker knew; null for clean images.</param>
/// <param name="Attack">The deciding attack; none for clean images.</param>
/// <param name="Epsilon">The budget, as the user wrote it.</param>
/// <param name="EpsilonValue">What that comes to.</param>
/// <param name="Key">The key.</param>
/// <param name="Others">The values of the others, in words; empty where there are none.</param>
/// <param name="Reference"><c>float</c>, or <c>widest</c> for the largest value.</param>
/// <param name="ReferenceAccuracy">Of the reference, 0..1.</param>
/// <param name="Points">The points that may be lost.</param>
/// <param name="Value">As measured; null where not even the largest is within.</param>
/// <param name="Low95">
/// Lower end of its interval: every value below is shown to lose more. Null where every one is.
/// </param>
/// <param name="High95">
/// Upper end: it and every larger value are shown to lose no more. Null where that is not shown of
/// any.
/// </param>
/// <param name="LostPoints">What the value loses, in points; less than 0 where it gains.</param>
/// <param name="LostLow95">Lower end of the interval of that.</param>
/// <param name="LostHigh95">Upper end of it.</param>
/// <param name="NeverOverflows">
/// The smallest value from which on no accumulator overflows, whatever the input, by proof; null
/// where some can at every value.
/// </param>
/// <param name="NotInCalibration">The same for the intervals that calibration images span.</param>
/// <param name="NoneCounted">The same as counted on the clean test images.</param>
internal sealed record SmallestValue(
    ulong Seed, ThreatModel? Threat, string Attack, string Epsilon, double EpsilonValue, string Key,
    string Others, string Reference, double ReferenceAccuracy, double Points, string? Value,
    string? Low95, string? High95, double? LostPoints, double? LostLow95, double? LostHigh95,
    string? NeverOverflows, string? NotInCalibration, string? NoneCounted)
{
    /// <summary>The reference that is the largest value of the key.</summary>
    public const string Widest = "widest";
}
