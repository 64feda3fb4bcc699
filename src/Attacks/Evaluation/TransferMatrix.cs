using QSim.Attacks.Methods;

namespace QSim.Attacks.Evaluation;

/// <summary>
/// Every classifier as a source of images against every classifier as a judge of them: whose
/// adversarial images carry over to whom.
/// </summary>
internal static class TransferMatrix
{
    /// <summary>
    /// One result per source, in order, each as soon as it is done; its judges are all classifiers
    /// in the same order. Costs one attack per source and one forward pass per pair.
    /// </summary>
    /// <exception cref="OperationCanceledException">
    /// It was cancelled; rows handed out stay good.
    /// </exception>
    public static IEnumerable<RobustnessResult> Run(
        IAttack attack, IReadOnlyList<IDifferentiableClassifier> classifiers, LabelledImages images,
        Budget budget, AttackOptions? options = null, CancellationToken cancellation = default) =>
        classifiers.Select(source =>
            Evaluation.Run(
                attack, AttackTarget.Transfer(source, [.. classifiers]), images, budget, options,
                cancellation)
        );
}
