using QSim.Attacks.Gradients;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Evaluation;

/// <summary>The float network as a classifier.</summary>
/// <param name="model">A gradient engine on the network; the caller disposes of it.</param>
/// <param name="name">Its name in results.</param>
public sealed class FloatClassifier(IGradientModel model, string name = "float32")
    : IClimber
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public TensorShape Input => model.Input;

    /// <inheritdoc/>
    public int Classes => model.Classes;

    /// <inheritdoc/>
    public IReadOnlyList<IClassifier> Views =>
        model.Views.Count == 1
            ? [this]
            : [.. model.Views.Select(v => new FloatClassifier(v, name))];

    /// <inheritdoc/>
    public void Classify(
        ReadOnlySpan<float> images, ReadOnlySpan<long> indices, Span<float> logits,
        Span<int> classes)
    {
        model.Logits(images, indices.Length, logits);
        Decide(logits, classes);
    }

    /// <inheritdoc/>
    public void Differentiate(
        ReadOnlySpan<float> images,
        ReadOnlySpan<long> indices,
        ReadOnlySpan<int> labels,
        ILoss loss,
        GradientResults results)
    {
        model.Gradients(images, labels, loss, results.Gradients, results.Losses, results.Logits);
        Decide(results.Logits, results.Classes);
    }

    /// <inheritdoc/>
    public string?[] DeadLayers(
        ReadOnlySpan<float> images, ReadOnlySpan<long> indices, ReadOnlySpan<int> labels,
        ILoss loss) => model.DeadLayers(images, labels, loss, FloatActivations.None);

    /// <inheritdoc/>
    public int ImagesAtOnce => (model as IClimbingModel)?.ImagesAtOnce ?? 0;

    /// <inheritdoc/>
    int IClimber.BatchesAtOnce => model is IClimbingModel ? 2 : 1;

    /// <inheritdoc/>
    bool IClimber.CanClimb(Climb climb) =>
        model is IClimbingModel climbing && climbing.CanClimb(climb, hardware: null);

    /// <inheritdoc/>
    void IClimber.Make(Climb climb, ClimbImages images, CancellationToken cancellation) =>
        ((IClimbingModel)model).Make(climb, images, hardware: null, cancellation);

    private static void Decide(ReadOnlySpan<float> logits, Span<int> classes)
    {
        int count = logits.Length / classes.Length;
        for (int i = 0; i < classes.Length; i++)
            classes[i] = TieRule.ArgMax(logits.Slice(i * count, count));
    }
}
