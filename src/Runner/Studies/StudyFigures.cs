using QSim.Attacks.Evaluation;

namespace QSim.Runner.Studies;

/// <summary>One target under one attack with one budget, over all seeds.</summary>
/// <param name="Threat">What the attacker knew; null for clean images.</param>
/// <param name="Target">The target.</param>
/// <param name="Attack">As in <see cref="AccuracyCell"/>.</param>
/// <param name="Epsilon">As the user wrote it.</param>
/// <param name="Seeds">How many.</param>
/// <param name="Mean">Mean accuracy.</param>
/// <param name="Lowest">Least accuracy.</param>
/// <param name="Highest">Largest accuracy.</param>
internal sealed record SeedSpread(
    ThreatModel? Threat, string Target, string Attack, string Epsilon, int Seeds, double Mean,
    double Lowest, double Highest);

/// <summary>Two targets under one attack with one budget, image by image.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Threat">What the attacker knew; null for clean images.</param>
/// <param name="Attack">As in <see cref="AccuracyCell"/>.</param>
/// <param name="Epsilon">As the user wrote it.</param>
/// <param name="First">A target.</param>
/// <param name="Second">Another.</param>
/// <param name="OnlyFirst">Images that only the first gets right.</param>
/// <param name="OnlySecond">Images that only the second gets right.</param>
/// <param name="P">McNemar's exact two-sided p-value.</param>
/// <param name="PHolm">The same, corrected for all comparisons of the study.</param>
internal sealed record Comparison(
    ulong Seed, ThreatModel? Threat, string Attack, string Epsilon, string First, string Second,
    int OnlyFirst, int OnlySecond, double P, double PHolm);

/// <summary>Where a profile's accuracy curve crosses the float network's.</summary>
/// <param name="Threat">What the attacker knew.</param>
/// <param name="Profile">The profile.</param>
/// <param name="Attack">The attack.</param>
/// <param name="Epsilon">
/// The first crossing, linear between grid points; null where there is none.
/// </param>
/// <param name="Low95">
/// Lower end of its 95 % bootstrap interval; null where it lies beyond all budgets.
/// </param>
/// <param name="High95">Upper end; null where it lies beyond all budgets.</param>
/// <param name="WithCrossing">Share of the bootstrap's samples that have a crossing.</param>
internal sealed record CrossoverPoint(
    ThreatModel Threat, string Profile, string Attack, double? Epsilon, double? Low95,
    double? High95, double WithCrossing);

/// <summary>
/// Output elements to which something happened in one stage of one layer, or parameters of it that
/// did not fit when the network was quantized.
/// </summary>
/// <param name="Seed">The seed.</param>
/// <param name="Profile">The profile.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Stage">
/// product, accumulator, output or a register of a softmax; of parameters weight, channel, bias,
/// multiplier or table (<see cref="QSim.Kernels.Datapath.ParameterEvents"/>).
/// </param>
/// <param name="Overflowed">
/// Elements that left the stage's range at least once; parameters that left their format's range,
/// channels whose weights all became 0, multipliers that did.
/// </param>
/// <param name="Inexact">Elements that lost a set bit at least once; 0 of parameters.</param>
/// <param name="Elements">
/// All elements: the layer's outputs times the images; all parameters.
/// </param>
internal sealed record StageCount(
    ulong Seed, string Profile, string Layer, string Stage, long Overflowed, long Inexact,
    long Elements);
