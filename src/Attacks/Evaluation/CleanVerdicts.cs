using QSim.Simulator;

namespace QSim.Attacks.Evaluation;

/// <summary>
/// What classifiers make of unchanged images. Each classifier looks at them once, however many
/// attacks and budgets it then judges.
/// </summary>
/// <param name="images">The images.</param>
public sealed class CleanVerdicts(LabelledImages images)
{
    private readonly Dictionary<IClassifier, int[]> _known =
        new(ReferenceEqualityComparer.Instance);

    /// <summary>Takes in decisions that were made elsewhere, one per image.</summary>
    public void Put(IClassifier classifier, int[] classes) => _known[classifier] = classes;

    /// <summary>By classifier, the class of each image.</summary>
    /// <param name="classifiers">Those to ask, where they were not asked before.</param>
    /// <param name="asked">The images, to be sure that they are these.</param>
    /// <param name="batchSize">Images classified together.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="ArgumentException">These are the verdicts on other images.</exception>
    public int[][] Of(
        IReadOnlyList<IClassifier> classifiers, LabelledImages asked, int batchSize = 256,
        CancellationToken cancellation = default)
    {
        if (asked.Pixels != images.Pixels || asked.FirstIndex != images.FirstIndex)
            throw new ArgumentException("these are the clean verdicts on other images");
        using var shared = new SimulationImages(images.Pixels, images.Shape.Length);
        foreach (IClassifier classifier in classifiers)
            if (!_known.ContainsKey(classifier))
                Put(
                    classifier,
                    Evaluation.Classify(classifier, images, shared, batchSize, cancellation));
        return [.. classifiers.Select(c => _known[c])];
    }
}
