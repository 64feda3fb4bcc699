using System.Numerics.Tensors;
using QSim.Attacks.Gradients.Losses;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Training;

/// <summary>Settings of a training run.</summary>
public sealed record TrainingOptions
{
    /// <summary>Passes over the images.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Images per step.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Key of the order of the images.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>What follows the gradients; null means Adam with its defaults.</summary>
    public IOptimizer? Optimizer { get; init; }

    /// <summary>Told after every epoch; returns false to stop early.</summary>
    public Func<EpochReport, bool>? AfterEpoch { get; init; }
}

/// <summary>What one epoch came to, measured on the batches as they were trained on.</summary>
/// <param name="Epoch">1 for the first.</param>
/// <param name="Loss">Mean loss.</param>
/// <param name="Accuracy">Share of images classified right, 0..1.</param>
public sealed record EpochReport(int Epoch, double Loss, double Accuracy);

/// <summary>
/// Trains a network with cross-entropy. A pure function of network, images and seed: the same parameters, bit
/// for bit, whatever the thread count.
/// </summary>
public static class Trainer
{
    /// <summary>Trains in place.</summary>
    /// <param name="network">Its parameter arrays are changed.</param>
    /// <param name="model">An engine on that network.</param>
    /// <param name="images">[image][channel][row][column].</param>
    /// <param name="labels">One class per image.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <returns>The reports of the epochs that were run.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled; the parameters are those of the last step.</exception>
    public static IReadOnlyList<EpochReport> Train(
        FloatNetwork network,
        ITrainableModel model,
        float[] images,
        int[] labels,
        TrainingOptions options,
        CancellationToken cancellation = default)
    {
        IOptimizer optimizer = options.Optimizer ?? new AdamOptimizer();
        var run = new Run(network, model, images, labels, options.BatchSize);
        List<EpochReport> reports = [];
        for (int epoch = 1; epoch <= options.Epochs; epoch++)
        {
            int[] order = Shuffled(labels.Length, options.Seed, epoch);
            double loss = 0;
            int right = 0;
            for (int first = 0; first < order.Length; first += options.BatchSize)
            {
                cancellation.ThrowIfCancellationRequested();
                run.Step(order.AsSpan(first, Math.Min(options.BatchSize, order.Length - first)), optimizer);
                (loss, right) = (loss + run.BatchLoss, right + run.BatchRight);
            }

            reports.Add(new(epoch, loss / labels.Length, (double)right / labels.Length));
            if (options.AfterEpoch?.Invoke(reports[^1]) == false) break;
        }

        return reports;
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

    private sealed class Run(
        FloatNetwork network, ITrainableModel model, float[] images, int[] labels, int batch)
    {
        private readonly float[] _images = new float[batch * network.Input.Length];
        private readonly int[] _labels = new int[batch];
        private readonly float[] _losses = new float[batch];
        private readonly float[] _logits = new float[batch * network.Classes];
        private readonly float[] _gradients = new float[model.ParameterCount];
        private readonly float[] _parameters = Flatten(network);

        public double BatchLoss { get; private set; }

        public int BatchRight { get; private set; }

        public void Step(ReadOnlySpan<int> indices, IOptimizer optimizer)
        {
            int length = network.Input.Length, count = indices.Length;
            for (int i = 0; i < count; i++)
            {
                images.AsSpan(indices[i] * length, length).CopyTo(_images.AsSpan(i * length));
                _labels[i] = labels[indices[i]];
            }

            Span<float> losses = _losses.AsSpan(0, count), logits = _logits.AsSpan(0, count * network.Classes);
            model.ParameterGradients(
                _images.AsSpan(0, count * length), _labels.AsSpan(0, count),
                CrossEntropyLoss.Instance, _gradients, losses, logits);
            TensorPrimitives.Multiply(_gradients, 1f / count, _gradients);
            optimizer.Step(_gradients, _parameters);
            Unflatten();
            model.Refresh();
            (BatchLoss, BatchRight) = (0, 0);
            for (int i = 0; i < count; i++)
            {
                BatchLoss += losses[i];
                int predicted = TensorPrimitives.IndexOfMax(logits.Slice(i * network.Classes, network.Classes));
                if (predicted == _labels[i]) BatchRight++;
            }
        }

        private static float[] Flatten(FloatNetwork network) =>
            [.. network.Layers.SelectMany(l => l.Parameters).SelectMany(p => p)];

        private void Unflatten()
        {
            int offset = 0;
            foreach (float[] array in network.Layers.SelectMany(l => l.Parameters))
            {
                _parameters.AsSpan(offset, array.Length).CopyTo(array);
                offset += array.Length;
            }
        }
    }
}
