namespace QSim.Attacks.Methods;

/// <summary>
/// The ensemble of Croce and Hein (ICML 2020): APGD on cross-entropy, targeted APGD, targeted FAB,
/// Square.
/// </summary>
public static class AutoAttack
{
    /// <summary>The sequence; each part attacks what the ones before it left standing.</summary>
    /// <param name="steps">Steps of each APGD run.</param>
    /// <param name="queries">Queries of Square.</param>
    public static AttackSequence Standard(int steps = 100, int queries = 5000) => new(
        "autoattack", AutoPgd.CrossEntropy(steps), AutoPgd.TargetedDlr(steps),
        new FastAdaptiveBoundary(steps), new SquareAttack(queries));
}
