using QSim.Attacks.Evaluation;

namespace QSim.Runner.Studies;

/// <summary>What an attack cost, per image attacked.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Threat">What the attacker knew.</param>
/// <param name="Target">
/// The target; under transfer the cost is that of making the images once, for all targets.
/// </param>
/// <param name="Attack">The attack.</param>
/// <param name="Epsilon">As the user wrote it.</param>
/// <param name="Attacked">Images attacked: those classified right when clean.</param>
/// <param name="Attempts">Attempts at an image that stood, restarts counted in.</param>
/// <param name="MeanQueries">Forward passes: mean.</param>
/// <param name="MedianQueries">Median.</param>
/// <param name="MostQueries">The most of any image.</param>
/// <param name="MeanGradients">Backward passes: mean.</param>
/// <param name="MedianGradients">Median.</param>
/// <param name="MostGradients">The most of any image.</param>
internal sealed record AttackEffort(
    ulong Seed, ThreatModel Threat, string Target, string Attack, string Epsilon, int Attacked,
    int Attempts, double MeanQueries, long MedianQueries, long MostQueries, double MeanGradients,
    long MedianGradients, long MostGradients);

/// <summary>
/// Sizes of the smallest changes that an attack found, under the study's norm and whatever the
/// budgets.
/// </summary>
/// <param name="Seed">The seed.</param>
/// <param name="Threat">What the attacker knew.</param>
/// <param name="Target">
/// The target; under transfer the float network, on which the images are made.
/// </param>
/// <param name="Attack">The attack.</param>
/// <param name="Found">Images for which it found one.</param>
/// <param name="NotFound">
/// Images attacked for which it found none; they count as infinite in the quantiles.
/// </param>
/// <param name="Q10">
/// The size that breaks a tenth of the images attacked; null where that many are not broken.
/// </param>
/// <param name="Q25">A quarter.</param>
/// <param name="Median">Half.</param>
/// <param name="Q75">Three quarters.</param>
/// <param name="Q90">Nine tenths.</param>
internal sealed record SmallestChange(
    ulong Seed, ThreatModel Threat, string Target, string Attack, int Found, int NotFound,
    double? Q10, double? Q25, double? Median, double? Q75, double? Q90);

/// <summary>Images made on one target and judged on another.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Source">The target that the images were made on.</param>
/// <param name="Target">The target that judges them.</param>
/// <param name="Attack">The attack.</param>
/// <param name="Epsilon">As the user wrote it.</param>
/// <param name="EpsilonValue">What that comes to.</param>
/// <param name="Correct">Images that the judge still classifies right.</param>
/// <param name="Images">All images.</param>
/// <param name="Accuracy">Correct / images.</param>
/// <param name="Low95">Lower end of the 95 % Wilson interval.</param>
/// <param name="High95">Upper end of it.</param>
internal sealed record TransferCell(
    ulong Seed, string Source, string Target, string Attack, string Epsilon, double EpsilonValue,
    int Correct, int Images, double Accuracy, double Low95, double High95);

/// <summary>A reason not to believe a figure of a study.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Threat">What the attacker knew.</param>
/// <param name="Target">The target.</param>
/// <param name="Attack">The attack.</param>
/// <param name="Epsilon">The budget, as the user wrote it.</param>
/// <param name="Check">The check that found it, as in <c>zero_gradients</c>.</param>
/// <param name="Message">One line for people.</param>
internal sealed record StudyDoubt(
    ulong Seed, ThreatModel Threat, string Target, string Attack, string Epsilon, string Check,
    string Message);

/// <summary>Whether the study's figures can be believed.</summary>
/// <param name="Believable">
/// Whether no check found anything against the attack that leaves least.
/// </param>
/// <param name="Line">The closing line for people: believable, or why not.</param>
internal sealed record StudyVerdict(bool Believable, string Line);
