using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using TorchSharp;
using static QSim.Attacks.Gradients.Lengths;
using static TorchSharp.torch;

namespace QSim.Attacks.Gradients.TorchSharp;

/// <summary>
/// Gradients by libtorch. The loss is computed here, as for every engine; libtorch carries its
/// gradient back. A batch goes through in chunks, and what a chunk allocates is freed with it.
/// </summary>
internal sealed class TorchGradientModel : ITrainableModel
{
    private const int ChunkImages = 256;

    private readonly FloatNetwork _network;
    private readonly Device _device;
    private readonly TorchNetwork _torch;
    private readonly int[] _lengths;

    /// <summary>Uploads the network.</summary>
    /// <param name="network">
    /// Its parameter arrays are read here and at <see cref="Refresh"/>.
    /// </param>
    /// <param name="engine">The engine's name.</param>
    /// <param name="device">Where it is computed.</param>
    /// <param name="threads">
    /// libtorch's threads from now on, in the whole process; 0 leaves them alone.
    /// </param>
    public TorchGradientModel(FloatNetwork network, string engine, Device device, int threads)
    {
        if (threads > 0) set_num_threads(threads);
        _network = network;
        _device = device;
        Engine = engine;
        using DisposeScope scope = NewDisposeScope();
        _torch = new(network, device);
        foreach (Tensor parameter in _torch.Parameters) parameter.DetachFromDisposeScope();
        _lengths = [.. network.Layers.SelectMany(l => l.Parameters).Select(p => p.Length)];
    }

    /// <inheritdoc/>
    public string Engine { get; }

    /// <inheritdoc/>
    public TensorShape Input => _network.Input;

    /// <inheritdoc/>
    public int Classes => _network.Classes;

    /// <inheritdoc/>
    public int ParameterCount => _lengths.Sum();

    /// <inheritdoc/>
    public void Logits(ReadOnlySpan<float> images, int count, Span<float> logits)
    {
        Require(images.Length, (long)count * Input.Length, "images");
        Require(logits.Length, (long)count * Classes, "logits");
        using IDisposable noGradients = no_grad();
        for (int first = 0; first < count; first += ChunkImages)
        {
            using DisposeScope scope = NewDisposeScope();
            int images1 = Math.Min(ChunkImages, count - first);
            Tensor output = _torch.Logits(
                Images(images, first, images1), new Dictionary<int, Tensor>());
            CopyOut(output, logits.Slice(first * Classes, images1 * Classes));
        }
    }

    /// <inheritdoc/>
    public void Gradients(
        ReadOnlySpan<float> images,
        ReadOnlySpan<int> labels,
        ILoss loss,
        Span<float> gradients,
        Span<float> losses,
        Span<float> logits,
        IActivations? given = null)
    {
        IActivations activations = given ?? FloatActivations.None;
        RequireBatch(this, images, labels, losses, logits);
        Require(gradients.Length, images.Length, "gradients");
        RequireActivations(_network, activations, labels.Length);
        for (int first = 0; first < labels.Length; first += ChunkImages)
        {
            using DisposeScope scope = NewDisposeScope();
            int count = Math.Min(ChunkImages, labels.Length - first);
            Tensor input = Images(images, first, count).requires_grad_(true);
            Tensor output = _torch.Logits(input, Given(activations, first, count));
            Tensor slope = LossGradient(output, first, labels, loss, losses, logits);
            Tensor result = Backward(output, slope, [input])[0] ?? zeros_like(input);
            CopyOut(result, gradients.Slice(first * Input.Length, count * Input.Length));
        }
    }

    /// <inheritdoc/>
    public void ParameterGradients(
        ReadOnlySpan<float> images,
        ReadOnlySpan<int> labels,
        ILoss loss,
        Span<float> gradients,
        Span<float> losses,
        Span<float> logits)
    {
        RequireBatch(this, images, labels, losses, logits);
        Require(gradients.Length, ParameterCount, "gradients");
        gradients.Clear();
        Tensor[] parameters = [.. _torch.Parameters];
        for (int first = 0; first < labels.Length; first += ChunkImages)
        {
            using DisposeScope scope = NewDisposeScope();
            int count = Math.Min(ChunkImages, labels.Length - first);
            Tensor output = _torch.Logits(
                Images(images, first, count), new Dictionary<int, Tensor>());
            Tensor slope = LossGradient(output, first, labels, loss, losses, logits);
            Tensor?[] results = Backward(output, slope, parameters);
            Span<float> rest = gradients;
            for (int p = 0; p < parameters.Length; p++)
            {
                if (results[p] is { } result) Accumulate(result, rest[.._lengths[p]]);
                rest = rest[_lengths[p]..];
            }
        }
    }

    /// <inheritdoc/>
    public void Refresh() => _torch.Refresh();

    /// <inheritdoc/>
    public void Dispose() => _torch.Dispose();

    private Tensor Images(ReadOnlySpan<float> images, int first, int count) =>
        Upload(
            images.Slice(first * Input.Length, count * Input.Length).ToArray(), Input, count);

    private Dictionary<int, Tensor> Given(IActivations activations, int first, int count) =>
        activations.Tensors.ToDictionary(
            t => t,
            t =>
            {
                TensorShape shape = _network.Shape(t);
                float[] values = new float[Sizes.Elements(count, shape.Length)];
                activations.Read(t, first * shape.Length, values);
                return Upload(values, shape, count);
            });

    private Tensor Upload(float[] values, TensorShape shape, int count) =>
        tensor(values, [count, shape.Channels, shape.Rows, shape.Columns]).to(_device);

    /// <summary>Losses and logits of a chunk go out; d loss / d logits comes back.</summary>
    private Tensor LossGradient(
        Tensor output, int first, ReadOnlySpan<int> labels, ILoss loss, Span<float> losses,
        Span<float> logits)
    {
        int count = (int)output.shape[0];
        Span<float> mine = logits.Slice(first * Classes, count * Classes);
        CopyOut(output, mine);
        var slopes = new float[mine.Length];
        for (int i = 0; i < count; i++)
        {
            losses[first + i] = loss.Evaluate(
                mine.Slice(i * Classes, Classes), labels[first + i],
                slopes.AsSpan(i * Classes, Classes));
        }

        return tensor(slopes, [count, Classes]).to(_device);
    }

    /// <summary>
    /// Null for what the logits do not depend on. libtorch ends the process on a wrong argument
    /// here.
    /// </summary>
    private static Tensor?[] Backward(Tensor output, Tensor slope, Tensor[] inputs)
    {
        if (!output.requires_grad)
            return new Tensor?[inputs.Length];
        if (!output.shape.SequenceEqual(slope.shape))
            throw new InvalidOperationException("a loss lost its shape");
        IList<Tensor> results = autograd.grad([output], inputs, [slope], false, false, true);
        return [.. results.Select(r => r is null || r.IsInvalid ? null : r)];
    }

    private static void CopyOut(Tensor source, Span<float> target)
    {
        Tensor onHost = source.detach().cpu().contiguous();
        onHost.data<float>().ToArray().CopyTo(target);
    }

    private static void Accumulate(Tensor source, Span<float> target)
    {
        float[] values = source.detach().cpu().contiguous().data<float>().ToArray();
        System.Numerics.Tensors.TensorPrimitives.Add(target, values, target);
    }
}
