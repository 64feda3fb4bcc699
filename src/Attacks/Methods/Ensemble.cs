using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Methods;

/// <summary>
/// QSim's own ensemble for hardware, each part on what the ones before it left: FGSM; images made
/// on the float network, which the white box has as well, and APGD from there; APGD on
/// cross-entropy, on the targeted ratio and on rescaled cross-entropy; Square. Knowing the hardware
/// thereby begins with what the float network alone gives away, and logits too large or too
/// coarse for cross-entropy are no shelter.
/// </summary>
public static class Ensemble
{
    /// <summary>The sequence.</summary>
    /// <param name="norm">The norm that it is meant for.</param>
    /// <param name="steps">Steps of each APGD run.</param>
    /// <param name="targets">Classes that targeted APGD goes for.</param>
    /// <param name="queries">Queries of Square.</param>
    /// <param name="name">Its name in results.</param>
    public static AttackSequence Standard(
        Norm norm = Norm.Linf, int steps = 25, int targets = 3, int queries = 1000,
        string name = "ensemble") => new(
        name,
        [
            .. norm == Norm.L1 ? Array.Empty<IAttack>() : [ProjectedGradient.Fgsm()],
            new BorrowedStart(AutoPgd.CrossEntropy(steps, $"apgd-ce-{steps}"), steps),
            AutoPgd.CrossEntropy(steps),
            new ManyClasses(AutoPgd.TargetedDlr(steps, targets)),
            AutoPgd.Scaled(steps),
            new SquareAttack(queries),
        ]);

    /// <summary>A part that is left out where there are too few classes for its loss.</summary>
    private sealed class ManyClasses(IAttack attack) : IAttack
    {
        public string Name => attack.Name;

        public Knowledge Needs => attack.Needs;

        public int Steps => attack.Steps;

        public int Attempts(int classes) =>
            classes < attack.LeastClasses ? 0 : attack.Attempts(classes);

        public void Run(AttackRun run) => attack.Run(run);
    }
}
