using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Training;

/// <summary>
/// Trains a network with cross-entropy. A pure function of network, images and seed: the same
/// parameters, bit for bit, whatever the thread count.
/// </summary>
internal static class Trainer
{
    /// <summary>Trains the float network in place.</summary>
    /// <param name="network">Its parameter arrays are changed.</param>
    /// <param name="model">An engine on that network.</param>
    /// <param name="images">[image][channel][row][column].</param>
    /// <param name="labels">One class per image.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <returns>The reports of the epochs that were run.</returns>
    /// <exception cref="OperationCanceledException">
    /// It was cancelled; the parameters are those of the last step.
    /// </exception>
    public static IReadOnlyList<EpochReport> Train(
        FloatNetwork network,
        ITrainableModel model,
        float[] images,
        int[] labels,
        TrainingOptions options,
        CancellationToken cancellation = default) =>
        Train(network, new FloatPass(network, model), images, labels, options, cancellation).Epochs;

    /// <summary>
    /// Trains in place, by a forward pass of its own; leaves in the network what that pass sees.
    /// </summary>
    /// <param name="network">Its parameter arrays are changed.</param>
    /// <param name="pass">A pass over that network.</param>
    /// <param name="images">[image][channel][row][column].</param>
    /// <param name="labels">One class per image.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <exception cref="OperationCanceledException">
    /// It was cancelled; the parameters are those of the last step.
    /// </exception>
    public static TrainingReport Train(
        FloatNetwork network,
        IForwardPass pass,
        float[] images,
        int[] labels,
        TrainingOptions options,
        CancellationToken cancellation = default)
    {
        var step = new TrainingStep(network, pass, images, labels, options);
        List<EpochReport> reports = [];
        EpochReport? best = null;
        float[] kept = [];
        pass.Calibrate(step.Master);
        for (int epoch = 1; epoch <= options.Epochs; epoch++)
        {
            EpochReport report = Epoch(step, pass, labels.Length, epoch, options, cancellation);
            reports.Add(report);
            if (options.Validation is not null && report.IsBetterThan(best))
                (best, kept) = (report, FlatParameters.Of(network));
            if (options.AfterEpoch?.Invoke(report) == false)
                break;
            if (best is not null && options.Patience > 0 && epoch - best.Epoch >= options.Patience)
                break;
        }

        if (best is null) return new(reports, reports.Count > 0 ? reports[^1] : new(0, 0, 0));
        FlatParameters.CopyTo(kept, network);
        pass.Model.Refresh();
        return new(reports, best);
    }

    private static EpochReport Epoch(
        TrainingStep step, IForwardPass pass, int images, int epoch, TrainingOptions options,
        CancellationToken cancellation)
    {
        int[] order = Shuffled(images, options.Seed, epoch);
        double loss = 0;
        int right = 0;
        for (int first = 0; first < images; first += options.BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(options.BatchSize, images - first);
            (double batchLoss, int batchRight) = step.Take(order.AsSpan(first, count), epoch);
            (loss, right) = (loss + batchLoss, right + batchRight);
            options.AfterStep?.Invoke(epoch, (double)(first + count) / images);
        }

        pass.Calibrate(step.Master);
        var report = new EpochReport(epoch, loss / images, (double)right / images);
        if (options.Validation is null) return report;
        (double validationLoss, double accuracy) = step.Validate(options.Validation);
        return report with { ValidationLoss = validationLoss, ValidationAccuracy = accuracy };
    }

    /// <summary>Fisher and Yates's shuffle, keyed by seed and epoch.</summary>
    private static int[] Shuffled(int count, ulong seed, int epoch)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        var random = new KeyedRandom(seed, RandomPurpose.Shuffle, epoch);
        for (int i = count - 1; i > 0; i--)
        {
            int j = random.NextBelow(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }
}
