using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Tests.Evaluation;

/// <summary>
/// A classifier that takes batches of any size, several at a time, where the real one wants large
/// ones.
/// </summary>
/// <param name="inner">The real one.</param>
/// <param name="together">How many at a time.</param>
internal sealed class SmallBatches(IClimber inner, int together) : IClimber
{
    /// <summary>Held while the real one, which does one thing at a time, is asked.</summary>
    public Lock? One { get; init; }

    /// <summary>Done at each question for gradients.</summary>
    public Action? Asked { get; init; }

    public string Name => inner.Name;

    public TensorShape Input => inner.Input;

    public int Classes => inner.Classes;

    public int ImagesAtOnce => 0;

    public int BatchesAtOnce => together;

    public bool CanClimb(Climb climb) => inner.CanClimb(climb);

    public void Make(Climb climb, ClimbImages images, CancellationToken cancellation) =>
        inner.Make(climb, images, cancellation);

    public void Classify(
        ReadOnlySpan<float> images, ReadOnlySpan<long> indices, Span<float> logits,
        Span<int> classes)
    {
        One?.Enter();
        inner.Classify(images, indices, logits, classes);
        One?.Exit();
    }

    public void Differentiate(
        ReadOnlySpan<float> images, ReadOnlySpan<long> indices, ReadOnlySpan<int> labels,
        ILoss loss, GradientResults results)
    {
        Asked?.Invoke();
        One?.Enter();
        inner.Differentiate(images, indices, labels, loss, results);
        One?.Exit();
    }
}
