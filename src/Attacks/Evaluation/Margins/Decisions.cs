using QSim.Kernels.Datapath;

namespace QSim.Attacks.Evaluation.Margins;

/// <summary>What a classifier makes of clean images.</summary>
/// <param name="Logits">[image][class]; real values.</param>
/// <param name="Classes">The class of each image, as the classifier itself decides.</param>
internal sealed record Decisions(float[] Logits, int[] Classes)
{
    private const int BatchSize = 256;

    /// <summary>Asks a classifier.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Decisions Of(
        IClassifier classifier, LabelledImages images, CancellationToken cancellation = default)
    {
        int length = images.Shape.Length, classes = classifier.Classes;
        var decisions = new Decisions(
            new float[Sizes.Elements(images.Count, classes)], new int[images.Count]);
        for (int first = 0; first < images.Count; first += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(BatchSize, images.Count - first);
            classifier.Classify(
                images.Pixels.AsSpan(first * length, count * length),
                [.. Enumerable.Range(first, count).Select(i => images.FirstIndex + i)],
                decisions.Logits.AsSpan(first * classes, count * classes),
                decisions.Classes.AsSpan(first, count));
        }

        return decisions;
    }

    /// <summary>How far a class is ahead of another.</summary>
    public double Margin(int image, int own, int rival)
    {
        int classes = Logits.Length / Classes.Length;
        return (double)Logits[(image * classes) + own] - Logits[(image * classes) + rival];
    }
}
