using System.Numerics.Tensors;
using QSim.Attacks.Gradients;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Evaluation;

/// <summary>
/// Expectation over the randomness of hardware that rounds stochastically (EOT; Athalye, Engstrom,
/// Ilyas and Kwok, ICML 2018): logits, losses and gradients are means over so many draws, and the
/// decision is that of the mean logits. As the source of an attack it keeps the attack from fitting
/// one draw; the hardware itself, with draws of its own, is the judge.
/// </summary>
/// <param name="hardware">The classifier, whose draws are keyed by image index.</param>
/// <param name="draws">Draws per question.</param>
internal sealed class ExpectationClassifier(IDifferentiableClassifier hardware, int draws = 8)
    : IDifferentiableClassifier
{
    /// <summary>
    /// Distance in index between draws. Hardware takes indices modulo 2^32: datasets of up to 2^24
    /// images never share a draw with the judge.
    /// </summary>
    private const long Apart = 1L << 24;

    private readonly int _draws = draws is >= 1 and <= 255
        ? draws
        : throw new ArgumentOutOfRangeException(nameof(draws), draws, "1..255 draws");

    private float[] _gradients = [];
    private float[] _losses = [];
    private float[] _logits = [];
    private long[] _indices = [];

    /// <inheritdoc/>
    public string Name => $"{hardware.Name}, mean of {_draws}";

    /// <inheritdoc/>
    public TensorShape Input => hardware.Input;

    /// <inheritdoc/>
    public int Classes => hardware.Classes;

    /// <inheritdoc/>
    public int Passes => _draws;

    /// <inheritdoc/>
    public void Classify(
        ReadOnlySpan<float> images, ReadOnlySpan<long> indices, Span<float> logits,
        Span<int> classes)
    {
        Span<float> draw = Room(ref _logits, logits.Length);
        logits.Clear();
        for (int d = 1; d <= _draws; d++)
        {
            hardware.Classify(images, Shifted(indices, d), draw, classes);
            TensorPrimitives.Add(logits, draw, logits);
        }

        Finish(logits, classes);
    }

    /// <inheritdoc/>
    public void Differentiate(
        ReadOnlySpan<float> images,
        ReadOnlySpan<long> indices,
        ReadOnlySpan<int> labels,
        ILoss loss,
        GradientResults results)
    {
        Span<float> gradients = Room(ref _gradients, results.Gradients.Length),
            losses = Room(ref _losses, results.Losses.Length),
            logits = Room(ref _logits, results.Logits.Length);
        results.Gradients.Clear();
        results.Losses.Clear();
        results.Logits.Clear();
        for (int d = 1; d <= _draws; d++)
        {
            hardware.Differentiate(images, Shifted(indices, d), labels, loss, new()
            {
                Gradients = gradients,
                Losses = losses,
                Logits = logits,
                Classes = results.Classes,
            });
            TensorPrimitives.Add(results.Gradients, gradients, results.Gradients);
            TensorPrimitives.Add(results.Losses, losses, results.Losses);
            TensorPrimitives.Add(results.Logits, logits, results.Logits);
        }

        TensorPrimitives.Multiply(results.Gradients, 1f / _draws, results.Gradients);
        TensorPrimitives.Multiply(results.Losses, 1f / _draws, results.Losses);
        Finish(results.Logits, results.Classes);
    }

    /// <inheritdoc/>
    /// <remarks>Of the first draw.</remarks>
    public string?[] DeadLayers(
        ReadOnlySpan<float> images, ReadOnlySpan<long> indices, ReadOnlySpan<int> labels,
        ILoss loss) => hardware.DeadLayers(images, Shifted(indices, 1), labels, loss);

    private ReadOnlySpan<long> Shifted(ReadOnlySpan<long> indices, int draw)
    {
        Span<long> shifted = Room(ref _indices, indices.Length);
        for (int i = 0; i < shifted.Length; i++) shifted[i] = indices[i] + (draw * Apart);
        return shifted;
    }

    /// <summary>Memory of the last question, where there is enough.</summary>
    private static Span<T> Room<T>(ref T[] kept, int length)
    {
        if (kept.Length < length) kept = new T[length];
        return kept.AsSpan(0, length);
    }

    private void Finish(Span<float> logits, Span<int> classes)
    {
        TensorPrimitives.Multiply(logits, 1f / _draws, logits);
        for (int i = 0; i < classes.Length; i++)
            classes[i] = TieRule.ArgMax(logits.Slice(i * Classes, Classes));
    }
}
