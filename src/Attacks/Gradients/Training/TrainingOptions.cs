using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Training;

/// <summary>Settings of a training run.</summary>
internal sealed record TrainingOptions
{
    /// <summary>Passes over the images, at most.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Images per step.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Key of the order of the images, and of where adversarial images start.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>What follows the gradients; null means Adam with its defaults.</summary>
    public IOptimizer? Optimizer { get; init; }

    /// <summary>
    /// d of <c>g += d p</c>, before the optimizer sees the gradient g of parameter p; 0 for none.
    /// </summary>
    public float WeightDecay { get; init; }

    /// <summary>
    /// Parameters are moved back into [-Clip, Clip] after every step; infinity for never.
    /// </summary>
    public float Clip { get; init; } = float.PositiveInfinity;

    /// <summary>
    /// What the images of a batch are turned into first; null leaves them as they are.
    /// </summary>
    public AdversarialTraining? Adversarial { get; init; }

    /// <summary>Held out: the epoch that is best on them is kept. Null keeps the last.</summary>
    public ValidationImages? Validation { get; init; }

    /// <summary>
    /// Stop after so many epochs that were not better on the images held out; 0 for never.
    /// </summary>
    public int Patience { get; init; }

    /// <summary>
    /// Told after every step: the epoch, and the share of its images that is done.
    /// </summary>
    public Action<int, double>? AfterStep { get; init; }

    /// <summary>Told after every epoch; returns false to stop early.</summary>
    public Func<EpochReport, bool>? AfterEpoch { get; init; }
}

/// <summary>Images that training does not see.</summary>
/// <param name="Images">[image][channel][row][column].</param>
/// <param name="Labels">One class per image.</param>
internal sealed record ValidationImages(float[] Images, int[] Labels);

/// <summary>What one epoch came to, measured on the batches as they were trained on.</summary>
/// <param name="Epoch">1 for the first.</param>
/// <param name="Loss">Mean loss.</param>
/// <param name="Accuracy">Share of images classified right, 0..1.</param>
internal sealed record EpochReport(int Epoch, double Loss, double Accuracy)
{
    /// <summary>Mean loss on the images held out; null where there are none.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Share of the images held out that is classified right, 0..1.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>
    /// Whether it is better than another: more images right, or as many at less loss.
    /// </summary>
    public bool IsBetterThan(EpochReport? other) => other is null
        || ValidationAccuracy > other.ValidationAccuracy
        || (
            ValidationAccuracy == other.ValidationAccuracy && ValidationLoss < other.ValidationLoss
        );
}

/// <summary>What training came to.</summary>
/// <param name="Epochs">Those that were run.</param>
/// <param name="Kept">The one whose parameters the network holds now.</param>
internal sealed record TrainingReport(IReadOnlyList<EpochReport> Epochs, EpochReport Kept);

/// <summary>
/// A network's parameter arrays as one row of numbers, in the order of its layers.
/// </summary>
internal static class FlatParameters
{
    public static float[] Of(FloatNetwork network) =>
        [.. network.Layers.SelectMany(l => l.Parameters).SelectMany(p => p)];

    public static void CopyTo(ReadOnlySpan<float> flat, FloatNetwork network)
    {
        int offset = 0;
        foreach (float[] array in network.Layers.SelectMany(l => l.Parameters))
        {
            flat.Slice(offset, array.Length).CopyTo(array);
            offset += array.Length;
        }
    }
}
