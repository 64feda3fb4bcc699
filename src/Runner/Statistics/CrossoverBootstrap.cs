using QSim.Attacks;

namespace QSim.Runner.Statistics;

/// <summary>Where two accuracy curves cross, with what resampling the images makes of it.</summary>
/// <param name="Epsilon">The first crossing; null where there is none.</param>
/// <param name="Low95">
/// 2.5 % point of the crossings of the samples; null where that sample has none.
/// </param>
/// <param name="High95">
/// 97.5 % point; null where that sample has none: no upper end is known.
/// </param>
/// <param name="WithCrossing">Share of samples with a crossing, 0..1.</param>
internal sealed record CrossoverEstimate(
    double? Epsilon, double? Low95, double? High95, double WithCrossing);

/// <summary>
/// The percentile bootstrap of a crossover (B. Efron, Annals of Statistics 7, 1979): images are
/// drawn with replacement, the same ones for both curves, every budget and every seed. A sample
/// without a crossing counts as a crossing beyond all budgets.
/// </summary>
internal sealed class CrossoverBootstrap
{
    /// <summary>How many samples are drawn.</summary>
    public const int Samples = 1000;

    private readonly byte[][] _counts;
    private readonly Dictionary<float[], double[]> _means = [];

    /// <summary>Draws the samples; the same for the same seed and number of images.</summary>
    /// <param name="seed">Key of the draws.</param>
    /// <param name="images">How many images there are.</param>
    public CrossoverBootstrap(ulong seed, int images)
    {
        _counts = new byte[Samples][];
        for (int sample = 0; sample < Samples; sample++)
        {
            byte[] counts = _counts[sample] = new byte[images];
            var random = new KeyedRandom(seed, RandomPurpose.Resample, sample);
            // No image is drawn 255 times: that has a chance below 1e-300 for the second image on.
            for (int draw = 0; draw < images; draw++) counts[random.NextBelow(images)]++;
        }
    }

    /// <summary>The crossover of two curves.</summary>
    /// <param name="epsilons">Ascending.</param>
    /// <param name="curve">By epsilon, the share of seeds that get each image right, 0..1.</param>
    /// <param name="reference">The same for the reference.</param>
    public CrossoverEstimate Estimate(
        IReadOnlyList<double> epsilons, IReadOnlyList<float[]> curve,
        IReadOnlyList<float[]> reference)
    {
        double? measured = Crossover.Find(
            epsilons, [.. curve.Select(Mean)], [.. reference.Select(Mean)]);
        double[] crossings = new double[Samples];
        double[][] references = [.. reference.Select(Means)];
        double[] mine = new double[curve.Count], theirs = new double[reference.Count];
        for (int sample = 0; sample < Samples; sample++)
        {
            for (int i = 0; i < mine.Length; i++) mine[i] = Mean(curve[i], _counts[sample]);
            for (int i = 0; i < theirs.Length; i++) theirs[i] = references[i][sample];
            crossings[sample] =
                Crossover.Find(epsilons, mine, theirs) ?? double.PositiveInfinity;
        }

        Array.Sort(crossings);
        return new(
            measured, Finite(crossings[Samples / 40]),
            Finite(crossings[Samples - 1 - (Samples / 40)]),
            crossings.Count(double.IsFinite) / (double)Samples);
    }

    /// <summary>Of every sample; many curves are held against the same reference.</summary>
    private double[] Means(float[] outcomes)
    {
        if (!_means.TryGetValue(outcomes, out double[]? means))
            _means.Add(outcomes, means = [.. _counts.Select(c => Mean(outcomes, c))]);
        return means;
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static double Mean(float[] outcomes)
    {
        double sum = 0;
        foreach (float outcome in outcomes) sum += outcome;
        return sum / outcomes.Length;
    }

    private static double Mean(float[] outcomes, byte[] counts)
    {
        double sum = 0;
        for (int i = 0; i < outcomes.Length; i++) sum += counts[i] * outcomes[i];
        return sum / outcomes.Length;
    }
}
