using System.Numerics.Tensors;
using QSim.Attacks.Gradients.Losses;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Training;

/// <summary>
/// One batch after another: gradients at what the forward pass sees, steps of the master copy.
/// </summary>
internal sealed class TrainingStep(
    FloatNetwork network, IForwardPass pass, float[] images, int[] labels, TrainingOptions options)
{
    private readonly IOptimizer _optimizer = options.Optimizer ?? new AdamOptimizer();
    private readonly float[] _images =
        new float[Sizes.Elements(options.BatchSize, network.Input.Length)];
    private readonly int[] _labels = new int[options.BatchSize];
    private readonly float[] _losses = new float[options.BatchSize];
    private readonly float[] _logits =
        new float[Sizes.Elements(options.BatchSize, network.Classes)];
    private readonly float[] _gradients = new float[network.ParameterCount];

    /// <summary>The parameters that training changes.</summary>
    public float[] Master { get; } = FlatParameters.Of(network);

    /// <summary>
    /// Trains on some of the images; returns the sum of their losses and how many were right.
    /// </summary>
    public (double Loss, int Right) Take(ReadOnlySpan<int> indices, int epoch)
    {
        int length = network.Input.Length, count = indices.Length;
        for (int i = 0; i < count; i++)
        {
            images.AsSpan(indices[i] * length, length).CopyTo(_images.AsSpan(i * length));
            _labels[i] = labels[indices[i]];
        }

        Span<float> batch = _images.AsSpan(0, count * length);
        ReadOnlySpan<int> batchLabels = _labels.AsSpan(0, count);
        Span<float> losses = _losses.AsSpan(0, count),
            logits = _logits.AsSpan(0, count * network.Classes);
        options.Adversarial?.Perturb(pass.Model, batch, batchLabels, indices, options.Seed, epoch);
        pass.Model.ParameterGradients(
            batch, batchLabels, CrossEntropyLoss.Instance, _gradients, losses, logits);
        TensorPrimitives.Multiply(_gradients, 1f / count, _gradients);
        if (options.WeightDecay != 0)
            TensorPrimitives.MultiplyAdd(Master, options.WeightDecay, _gradients, _gradients);
        _optimizer.Step(_gradients, Master);
        if (float.IsFinite(options.Clip)) Clip(options.Clip);
        pass.Constrain(Master);
        pass.Load(Master);
        return Judge(losses, logits, batchLabels);
    }

    /// <summary>Mean loss and share right on images held out.</summary>
    public (double Loss, double Accuracy) Validate(ValidationImages held)
    {
        const int Batch = 256;
        int length = network.Input.Length, total = held.Labels.Length, right = 0;
        double loss = 0;
        for (int first = 0; first < total; first += Batch)
        {
            int count = Math.Min(Batch, total - first);
            float[] batch = held.Images.AsSpan(first * length, count * length).ToArray();
            ReadOnlySpan<int> own = held.Labels.AsSpan(first, count);
            int[] names = [.. Enumerable.Range(first, count)];
            float[] logits = new float[Sizes.Elements(count, network.Classes)];
            float[] losses = new float[count];
            options.Adversarial?.Perturb(pass.Model, batch, own, names, options.Seed, 0);
            pass.Model.Logits(batch, count, logits);
            float[] unused = new float[network.Classes];
            for (int i = 0; i < count; i++)
            {
                losses[i] = CrossEntropyLoss.Instance.Evaluate(
                    logits.AsSpan(i * network.Classes, network.Classes), own[i], unused);
            }

            (double batchLoss, int batchRight) = Judge(losses, logits, own);
            (loss, right) = (loss + batchLoss, right + batchRight);
        }

        return (loss / total, (double)right / total);
    }

    private (double Loss, int Right) Judge(
        ReadOnlySpan<float> losses, ReadOnlySpan<float> logits, ReadOnlySpan<int> own)
    {
        double loss = 0;
        int right = 0;
        for (int i = 0; i < own.Length; i++)
        {
            loss += losses[i];
            if (TensorPrimitives.IndexOfMax(logits.Slice(i * network.Classes, network.Classes))
                == own[i])
                right++;
        }

        return (loss, right);
    }

    private void Clip(float bound)
    {
        TensorPrimitives.Max(Master, -bound, Master);
        TensorPrimitives.Min(Master, bound, Master);
    }
}
