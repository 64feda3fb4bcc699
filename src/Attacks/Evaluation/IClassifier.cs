using QSim.Attacks.Gradients;
using QSim.Kernels.Datapath;
using QSim.Simulator;

namespace QSim.Attacks.Evaluation;

/// <summary>Anything that sorts images into classes: a float network, or hardware.</summary>
public interface IClassifier
{
    /// <summary>Its name in results.</summary>
    string Name { get; }

    /// <summary>Shape of one image.</summary>
    TensorShape Input { get; }

    /// <summary>Number of classes.</summary>
    int Classes { get; }

    /// <summary>Passes that one question takes, for whoever counts queries.</summary>
    int Passes => 1;

    /// <summary>
    /// Classifiers that decide as this one does, each for one thread, so that as many threads may
    /// ask at once; only while nobody asks this one. Itself alone where there are no others.
    /// </summary>
    IReadOnlyList<IClassifier> Views => [this];

    /// <summary>
    /// Whether logits are integers of hardware, which many images share and small changes leave as
    /// they are.
    /// </summary>
    bool HasPlateaus => false;

    /// <summary>
    /// Classifies images. The class is that of the largest logit, the lowest index among equals,
    /// decided on the numbers that the classifier has (integers, on hardware) before they are
    /// rounded to float.
    /// </summary>
    /// <param name="images">[image][channel][row][column], values in [0, 1].</param>
    /// <param name="indices">
    /// One per image: its index in the dataset, the key of stochastic rounding.
    /// </param>
    /// <param name="logits">Filled, [image][class]; real values.</param>
    /// <param name="classes">Filled with one class per image.</param>
    void Classify(
        ReadOnlySpan<float> images, ReadOnlySpan<long> indices, Span<float> logits,
        Span<int> classes);
}

/// <summary>
/// A classifier that can share images with others: what each needs of them is made once for all.
/// </summary>
internal interface ISharingClassifier : IClassifier
{
    /// <summary>
    /// Classifies some of the images, as <see cref="IClassifier.Classify"/> does.
    /// </summary>
    /// <param name="images">The images.</param>
    /// <param name="first">The first to classify.</param>
    /// <param name="indices">
    /// As for <see cref="IClassifier.Classify"/>; as many are classified.
    /// </param>
    /// <param name="logits">Filled, [image][class]; real values.</param>
    /// <param name="classes">Filled with one class per image.</param>
    void Classify(
        SimulationImages images, int first, ReadOnlySpan<long> indices, Span<float> logits,
        Span<int> classes);
}

/// <summary>
/// A classifier beside which a finer one is known to who knows its design: for hardware, the float
/// network that its program was made from.
/// </summary>
internal interface IFineClassifier : IClassifier
{
    /// <summary>Whether there are any.</summary>
    bool HasFineScores { get; }

    /// <summary>The logits of the finer classifier.</summary>
    /// <param name="images">As for <see cref="IClassifier.Classify"/>.</param>
    /// <param name="count">Number of images.</param>
    /// <param name="scores">Filled, [image][class].</param>
    void FineScores(ReadOnlySpan<float> images, int count, Span<float> scores);

    /// <summary>Whether this one reads two images as the same raw inputs.</summary>
    bool ReadsAlike(ReadOnlySpan<float> image, ReadOnlySpan<float> other);
}

/// <summary>A classifier that shows its gradients, or an estimate of them.</summary>
public interface IDifferentiableClassifier : IClassifier
{
    /// <summary>
    /// Classifies images and differentiates each image's loss with respect to that image.
    /// </summary>
    /// <param name="images">As for <see cref="IClassifier.Classify"/>.</param>
    /// <param name="indices">As for <see cref="IClassifier.Classify"/>.</param>
    /// <param name="labels">What each image's loss is about.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="results">Filled.</param>
    void Differentiate(
        ReadOnlySpan<float> images,
        ReadOnlySpan<long> indices,
        ReadOnlySpan<int> labels,
        ILoss loss,
        GradientResults results);

    /// <summary>
    /// By image, the layer from which on towards the image the gradient is zero everywhere;
    /// <c>loss</c> where it is zero from the logits on. Null where it is not zero, or this cannot
    /// be told.
    /// </summary>
    /// <param name="images">As for <see cref="IClassifier.Classify"/>.</param>
    /// <param name="indices">As for <see cref="IClassifier.Classify"/>.</param>
    /// <param name="labels">What each image's loss is about.</param>
    /// <param name="loss">The loss.</param>
    string?[] DeadLayers(
        ReadOnlySpan<float> images, ReadOnlySpan<long> indices, ReadOnlySpan<int> labels,
        ILoss loss) => new string?[labels.Length];
}
