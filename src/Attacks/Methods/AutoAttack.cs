namespace QSim.Attacks.Methods;

/// <summary>
/// The ensemble of Croce and Hein (ICML 2020) with the parts that exist here: cross-entropy APGD, targeted APGD
/// and Square.
/// </summary>
public static class AutoAttack
{
    /// <summary>The sequence; each part attacks what the ones before it left standing.</summary>
    /// <param name="steps">Steps of each APGD run.</param>
    /// <param name="queries">Queries of Square.</param>
    public static AttackSequence Standard(int steps = 100, int queries = 5000) => new(
        "autoattack", AutoPgd.CrossEntropy(steps), AutoPgd.TargetedDlr(steps), new SquareAttack(queries));
}
