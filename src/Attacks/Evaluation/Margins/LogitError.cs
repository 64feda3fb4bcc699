namespace QSim.Attacks.Evaluation.Margins;

/// <summary>
/// How far a classifier's margins are from those of the float network, over all images and all
/// rivals of the right class.
/// </summary>
/// <param name="MeanSize">Mean of the error's absolute value, in logits.</param>
/// <param name="LargestSize">The largest.</param>
/// <param name="MeanShift">Mean of the error itself: below 0 where the right class loses.</param>
/// <param name="MedianMargin">
/// For scale: the median over images of the float network's margin over the nearest rival.
/// </param>
internal sealed record LogitError(
    double MeanSize, double LargestSize, double MeanShift, double MedianMargin)
{
    /// <summary>Compares decisions on the same images.</summary>
    public static LogitError Of(Decisions classifier, Decisions network, IReadOnlyList<int> labels)
    {
        int classes = network.Logits.Length / labels.Count;
        double sizes = 0, largest = 0, shifts = 0;
        double[] nearest = new double[labels.Count];
        for (int image = 0; image < labels.Count; image++)
        {
            nearest[image] = double.PositiveInfinity;
            for (int rival = 0; rival < classes; rival++)
            {
                if (rival == labels[image]) continue;
                double margin = network.Margin(image, labels[image], rival);
                double error = classifier.Margin(image, labels[image], rival) - margin;
                (sizes, shifts) = (sizes + Math.Abs(error), shifts + error);
                largest = Math.Max(largest, Math.Abs(error));
                nearest[image] = Math.Min(nearest[image], margin);
            }
        }

        Array.Sort(nearest);
        double pairs = (double)labels.Count * (classes - 1);
        return new(sizes / pairs, largest, shifts / pairs, nearest[(labels.Count - 1) / 2]);
    }
}
