using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Methods;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Evaluation.Margins;

/// <summary>
/// A first-order model of how a classifier close to a float network resists: the margins are its
/// own, the way in which they fall is the float network's. For an image x of class y and a rival j,
/// with m the margin <c>z_y - z_j</c> on the classifier and g the gradient of the float network's
/// margin, the model says that a change d makes the margin <c>m + g . d</c>. The radius of the
/// image is the size of the smallest change within [0, 1] that brings some rival level: below it
/// the model finds the image right under every attack.
/// </summary>
/// <remarks>
/// Assumed: margins are linear up to the radius, and the classifier's error (its margin less that
/// of the float network) is the same for every change of an image. Both hold where the network is
/// linear in its input and the classifier is the network plus a constant.
/// </remarks>
/// <param name="network">The float network.</param>
/// <param name="norm">The size of changes.</param>
internal sealed class MarginModel(IGradientModel network, Norm norm)
{
    private const int BatchSize = 64;

    /// <summary>The radii of several classifiers, all from the same gradients.</summary>
    /// <param name="images">The images.</param>
    /// <param name="classifiers">What each classifier makes of the images.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>
    /// By classifier and image: the image is right under a budget of e where e is less than its
    /// radius; 0 where it is wrong to begin with, null where no change within [0, 1] reaches a
    /// rival.
    /// </returns>
    public float?[][] Radii(
        LabelledImages images, IReadOnlyList<Decisions> classifiers,
        CancellationToken cancellation = default)
    {
        float?[][] radii = [.. classifiers.Select(_ => new float?[images.Count])];
        for (int first = 0; first < images.Count; first += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            LabelledImages batch = images.Slice(first, Math.Min(BatchSize, images.Count - first));
            float[][] gradients =
            [
                .. Enumerable.Range(1, network.Classes - 1).Select(r => Gradients(batch, r)),
            ];
            Parallel.For(
                0,
                batch.Count,
                i =>
                {
                    for (int c = 0; c < classifiers.Count; c++)
                        radii[c][first + i] = Radius(
                            batch, i, classifiers[c], first + i, gradients);
                }
            );
        }

        return radii;
    }

    /// <summary>
    /// Gradients of every image's margin over the class so many steps after its own, round.
    /// </summary>
    private float[] Gradients(LabelledImages images, int step)
    {
        var loss = new LogitDifferenceLoss(network.Classes);
        float[] gradients = new float[images.Pixels.Length];
        network.Gradients(
            images.Pixels,
            [.. images.Labels.Select(y => loss.Label(own: Rival(y, step), target: y))], loss,
            gradients, new float[images.Count],
            new float[Sizes.Elements(images.Count, network.Classes)]);
        return gradients;
    }

    private float? Radius(
        LabelledImages images, int image, Decisions decisions, int index, float[][] gradients)
    {
        int label = images.Labels[image];
        if (decisions.Classes[index] != label) return 0;
        float least = float.PositiveInfinity;
        // Rivals that are near without the walls of [0, 1] come first: the rest need no closer
        // look.
        foreach ((double bound, int step) in Bounds(images, image, decisions, index, gradients))
        {
            if (bound > least) break;
            int rival = Rival(label, step);
            ReadOnlySpan<float> gradient = Slice(gradients[step - 1], images, image);
            double distance = Distance(
                images.Image(image), gradient, decisions.Margin(index, label, rival));
            // A rival that is level wins only where its index is lower.
            least = Math.Min(
                least, rival < label ? (float)distance : float.BitIncrement((float)distance));
        }

        // The classifier decides on numbers that it did not round to float: right is right while
        // nothing is changed.
        return float.IsFinite(least) ? Math.Max(least, float.Epsilon) : null;
    }

    private IEnumerable<(double Bound, int Step)> Bounds(
        LabelledImages images, int image, Decisions decisions, int index, float[][] gradients) =>
        from step in Enumerable.Range(1, network.Classes - 1)
        let margin = decisions.Margin(
            index, images.Labels[image], Rival(images.Labels[image], step))
        let slope = DualNorm(Slice(gradients[step - 1], images, image))
        let bound = slope > 0 ? margin / slope : margin > 0 ? double.PositiveInfinity : 0
        orderby bound, step
        select (bound, step);

    /// <summary>Size of the smallest change within the walls that takes a margin to 0.</summary>
    private double Distance(ReadOnlySpan<float> image, ReadOnlySpan<float> gradient, double margin)
    {
        if (margin <= 0) return 0;
        double[] change = new double[image.Length];
        BoxedHyperplane.Project(norm, image, gradient, -margin, change);
        double reached = 0, size = 0;
        for (int i = 0; i < change.Length; i++)
        {
            reached -= change[i] * gradient[i];
            double move = Math.Abs(change[i]);
            size = norm switch
            {
                Norm.Linf => Math.Max(size, move),
                Norm.L2 => size + (move * move),
                Norm.L1 => size + move,
            };
        }

        if (reached < margin * (1 - 1e-9)) return double.PositiveInfinity;
        return norm == Norm.L2 ? Math.Sqrt(size) : size;
    }

    private double DualNorm(ReadOnlySpan<float> gradient)
    {
        double sum = 0, most = 0;
        foreach (float g in gradient)
        {
            sum += norm == Norm.L2 ? (double)g * g : Math.Abs(g);
            most = Math.Max(most, Math.Abs(g));
        }

        return norm switch
        {
            Norm.Linf => sum,
            Norm.L2 => Math.Sqrt(sum),
            Norm.L1 => most,
        };
    }

    private int Rival(int label, int step) => (label + step) % network.Classes;

    private static ReadOnlySpan<float> Slice(float[] gradients, LabelledImages images, int image) =>
        gradients.AsSpan(image * images.Shape.Length, images.Shape.Length);
}
