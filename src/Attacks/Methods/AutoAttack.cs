using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Methods;

/// <summary>
/// The ensemble of Croce and Hein (ICML 2020; for L1 ICML 2021): APGD on cross-entropy, targeted
/// APGD, targeted FAB, Square.
/// </summary>
internal static class AutoAttack
{
    /// <summary>Starts of APGD on cross-entropy under L1.</summary>
    private const int StartsL1 = 5;

    /// <summary>Classes that targeted APGD goes for under L1.</summary>
    private const int TargetsL1 = 5;

    /// <summary>
    /// The sequence; each part attacks what the ones before it left standing. Under L1 APGD on
    /// cross-entropy starts five times, and targeted APGD goes for five classes, not nine.
    /// </summary>
    /// <param name="norm">The norm that it is meant for.</param>
    /// <param name="steps">Steps of each APGD run.</param>
    /// <param name="queries">Queries of Square.</param>
    /// <param name="name">Its name in results.</param>
    public static AttackSequence Standard(
        Norm norm = Norm.Linf, int steps = 100, int queries = 5000,
        string name = "autoattack") => new(
        name,
        [
            .. Enumerable.Repeat(AutoPgd.CrossEntropy(steps), norm == Norm.L1 ? StartsL1 : 1),
            norm == Norm.L1
                ? AutoPgd.TargetedDlr(steps, TargetsL1)
                : AutoPgd.TargetedDlr(steps),
            new FastAdaptiveBoundary(steps),
            new SquareAttack(queries),
        ]);
}
