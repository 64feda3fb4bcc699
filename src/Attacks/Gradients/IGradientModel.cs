using QSim.Kernels.Datapath;

namespace QSim.Attacks.Gradients;

/// <summary>
/// A float network that can be differentiated with respect to its input. Images are float32 in
/// [image][channel][row][column] order, values in [0, 1]. Not thread-safe; it uses threads of its
/// own, and gives the same bits however many.
/// </summary>
public interface IGradientModel : IDisposable
{
    /// <summary>The engine's name, as in <c>managed</c> or <c>torch</c>.</summary>
    string Engine { get; }

    /// <summary>Shape of one image.</summary>
    TensorShape Input { get; }

    /// <summary>Number of logits.</summary>
    int Classes { get; }

    /// <summary>
    /// Models on the same parameters that give the same bits, each for one thread, so that as many
    /// threads may ask at once; only while nobody asks this model. It owns them. Itself alone where
    /// the engine has no others.
    /// </summary>
    IReadOnlyList<IGradientModel> Views => [this];

    /// <summary>Forward pass: fills <paramref name="logits"/>, [image][class].</summary>
    /// <exception cref="ArgumentException">
    /// A length does not fit <paramref name="count"/> images.
    /// </exception>
    void Logits(ReadOnlySpan<float> images, int count, Span<float> logits);

    /// <summary>
    /// Forward and backward pass: the gradient of each image's own loss with respect to that image.
    /// Given what tensors held elsewhere (on the hardware, say), the straight-through gradient:
    /// they hold those values while the backward pass stays that of the float layers.
    /// </summary>
    /// <param name="images">The images.</param>
    /// <param name="labels">One class index per image: what the loss is about.</param>
    /// <param name="loss">The loss, applied to each image by itself.</param>
    /// <param name="gradients">Filled with d loss / d image, laid out as the images.</param>
    /// <param name="losses">Filled with one loss per image.</param>
    /// <param name="logits">Filled with the logits that the loss saw.</param>
    /// <param name="given">
    /// The values that tensors had; one that is not given is computed from those before it.
    /// </param>
    /// <exception cref="ArgumentException">A length does not fit the number of labels.</exception>
    void Gradients(
        ReadOnlySpan<float> images,
        ReadOnlySpan<int> labels,
        ILoss loss,
        Span<float> gradients,
        Span<float> losses,
        Span<float> logits,
        IActivations? given = null);

    /// <summary>
    /// Of tensors that somebody could give, those that the straight-through gradient depends on: it
    /// is the same without the others.
    /// </summary>
    /// <param name="given">The tensors.</param>
    IReadOnlyList<int> Reads(IReadOnlyList<int> given) => given;

    /// <summary>
    /// By image, the layer from which on towards the image the straight-through gradient is zero
    /// everywhere; <c>loss</c> where it is zero from the logits on. Null where it is not zero, or
    /// this engine cannot tell.
    /// </summary>
    /// <param name="images">The images.</param>
    /// <param name="labels">One class index per image.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="activations">As for <see cref="Gradients"/>.</param>
    string?[] DeadLayers(
        ReadOnlySpan<float> images,
        ReadOnlySpan<int> labels,
        ILoss loss,
        IActivations activations) => new string?[labels.Length];
}

/// <summary>A gradient model whose parameters can be trained.</summary>
public interface ITrainableModel : IGradientModel
{
    /// <summary>
    /// Length of all parameters, layer after layer, each layer's in its own order.
    /// </summary>
    int ParameterCount { get; }

    /// <summary>
    /// The gradient of the sum of the images' losses with respect to the parameters. The same bits
    /// for any thread count.
    /// </summary>
    /// <param name="images">The images.</param>
    /// <param name="labels">One class index per image.</param>
    /// <param name="loss">The loss, applied to each image by itself.</param>
    /// <param name="gradients">Filled with d (sum of losses) / d parameter.</param>
    /// <param name="losses">Filled with one loss per image.</param>
    /// <param name="logits">Filled with the logits.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    void ParameterGradients(
        ReadOnlySpan<float> images,
        ReadOnlySpan<int> labels,
        ILoss loss,
        Span<float> gradients,
        Span<float> losses,
        Span<float> logits);

    /// <summary>Takes over the parameters that the network holds now.</summary>
    void Refresh();
}

/// <summary>A loss of one image's logits. Called from several threads at once.</summary>
public interface ILoss
{
    /// <summary>The loss's name in results, as in <c>cross_entropy</c>.</summary>
    string Name { get; }

    /// <summary>The loss; fills <paramref name="gradient"/> with d loss / d logits.</summary>
    float Evaluate(ReadOnlySpan<float> logits, int label, Span<float> gradient);
}
