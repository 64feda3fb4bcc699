using System.Numerics.Tensors;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// The gradient engine that is always there: float32, vectorised, on all cores. Every image's results are the
/// same bits whatever the batch it is in and however many threads there are.
/// </summary>
public sealed unsafe class ManagedGradientModel : ITrainableModel
{
    /// <summary>Images whose parameter gradients are summed in one go; the sums are then added in order.</summary>
    private const int SliceImages = 8;

    private readonly FloatNetwork _network;
    private readonly LayerKernel[] _kernels;
    private readonly Workspace[] _workspaces;
    private readonly WorkerPool _pool;
    private readonly Pass _pass;
    private readonly int[] _offsets;
    private readonly Action<int, int> _forwardChunk;
    private readonly Action<int, int> _gradientChunk;
    private readonly Action<int, int> _parameterSlice;
    private NativeBuffer _slices = new(0);
    private readonly int _largestChunk;
    private int _count;
    private int _chunk;

    /// <summary>Prepares a network.</summary>
    /// <param name="network">Its parameter arrays are read here and at <see cref="Refresh"/>.</param>
    /// <param name="threads">Most threads to use; 0 means one per core.</param>
    /// <exception cref="NotSupportedException">The engine does not know a layer's type.</exception>
    public ManagedGradientModel(FloatNetwork network, int threads = 0)
    {
        _network = network;
        _kernels = [.. Enumerable.Range(0, network.Layers.Length).Select(i => LayerKernel.Create(network, i))];
        _largestChunk = Workspace.ChunkFor(network);
        _pool = new(threads > 0 ? threads : Environment.ProcessorCount);
        _workspaces = [.. Enumerable.Range(0, _pool.Workers).Select(_ => new Workspace(network, _kernels))];
        _pass = new(network, _kernels);
        _pass.Plan();
        _offsets = new int[network.Layers.Length + 1];
        for (int i = 0; i < network.Layers.Length; i++)
            _offsets[i + 1] = _offsets[i] + network.Layers[i].Parameters.Sum(p => p.Length);
        (_forwardChunk, _gradientChunk, _parameterSlice) = (ForwardChunk, GradientChunk, ParameterSlice);
    }

    /// <inheritdoc/>
    public string Engine => "managed";

    /// <inheritdoc/>
    public TensorShape Input => _network.Input;

    /// <inheritdoc/>
    public int Classes => _network.Classes;

    /// <inheritdoc/>
    public int ParameterCount => _offsets[^1];

    /// <inheritdoc/>
    public void Logits(ReadOnlySpan<float> images, int count, Span<float> logits)
    {
        Require(images.Length, count * Input.Length, "images");
        Require(logits.Length, count * Classes, "logits");
        fixed (float* image = images, logit = logits)
        {
            _pass.Images = image;
            _pass.Logits = logit;
            RunChunks(count, _forwardChunk);
        }
    }

    /// <inheritdoc/>
    public void Gradients(
        ReadOnlySpan<float> images,
        ReadOnlySpan<int> labels,
        ILoss loss,
        Span<float> gradients,
        Span<float> losses,
        Span<float> logits)
    {
        Require(gradients.Length, labels.Length * Input.Length, "gradients");
        fixed (float* gradient = gradients)
        {
            _pass.ImageGradients = gradient;
            try
            {
                Differentiate(images, labels, loss, losses, logits, _gradientChunk);
            }
            finally
            {
                _pass.ImageGradients = null;
            }
        }
    }

    /// <inheritdoc/>
    public void StraightThroughGradients(
        ReadOnlySpan<float> images,
        ReadOnlySpan<int> labels,
        ILoss loss,
        IReadOnlyDictionary<int, float[]> activations,
        Span<float> gradients,
        Span<float> losses,
        Span<float> logits)
    {
        foreach ((int tensor, float[] values) in activations)
            Require(values.Length, labels.Length * _network.Shape(tensor).Length, $"tensor {tensor}");
        _pass.Activations = activations;
        _pass.Plan();
        try
        {
            Gradients(images, labels, loss, gradients, losses, logits);
        }
        finally
        {
            _pass.Activations = null;
            _pass.Plan();
        }
    }

    /// <inheritdoc/>
    public string?[] DeadLayers(
        ReadOnlySpan<float> images,
        ReadOnlySpan<int> labels,
        ILoss loss,
        IReadOnlyDictionary<int, float[]> activations)
    {
        int count = labels.Length;
        int[] layers = new int[count];
        _pass.DeadLayers = layers;
        try
        {
            StraightThroughGradients(
                images, labels, loss, activations, new float[images.Length], new float[count], new float[count * Classes]);
        }
        finally
        {
            _pass.DeadLayers = null;
        }

        return [.. layers.Select(i => i < 0 ? null : i < _kernels.Length ? _network.Layers[i].Name : "loss")];
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
        Require(gradients.Length, ParameterCount, "gradients");
        int slices = (labels.Length + SliceImages - 1) / SliceImages;
        if (_slices.Length < (long)slices * ParameterCount)
        {
            _slices.Dispose();
            _slices = new((long)slices * ParameterCount);
        }

        Differentiate(images, labels, loss, losses, logits, _parameterSlice);
        gradients.Clear();
        for (int s = 0; s < slices; s++)
            TensorPrimitives.Add(gradients, Slice(s), gradients);
    }

    /// <inheritdoc/>
    public void Refresh()
    {
        foreach (LayerKernel kernel in _kernels) kernel.Repack();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LayerKernel kernel in _kernels) kernel.Dispose();
        foreach (Workspace workspace in _workspaces) workspace.Dispose();
        _slices.Dispose();
        _pool.Dispose();
    }

    private static void Require(int length, int needed, string what)
    {
        if (length != needed) throw new ArgumentException($"{what}: {length} values where {needed} are needed");
    }

    private void Differentiate(
        ReadOnlySpan<float> images,
        ReadOnlySpan<int> labels,
        ILoss loss,
        Span<float> losses,
        Span<float> logits,
        Action<int, int> work)
    {
        Require(images.Length, labels.Length * Input.Length, "images");
        Require(losses.Length, labels.Length, "losses");
        Require(logits.Length, labels.Length * Classes, "logits");
        fixed (float* image = images, logit = logits, lossOut = losses)
        fixed (int* label = labels)
        {
            _pass.Images = image;
            _pass.Logits = logit;
            _pass.Losses = lossOut;
            _pass.Labels = label;
            _pass.Loss = loss;
            RunChunks(labels.Length, work);
        }
    }

    private void RunChunks(int count, Action<int, int> work)
    {
        if (count == 0) return;
        _count = count;
        int share = (count + _pool.Workers - 1) / _pool.Workers;
        _chunk = work == _parameterSlice ? SliceImages : Math.Min(_largestChunk, share);
        _pool.Run((count + _chunk - 1) / _chunk, work);
    }

    private void ForwardChunk(int worker, int chunk)
    {
        int first = chunk * _chunk;
        _pass.Forward(_workspaces[worker], first, Math.Min(_chunk, _count - first));
    }

    private void GradientChunk(int worker, int chunk)
    {
        int first = chunk * _chunk, count = Math.Min(_chunk, _count - first);
        Workspace work = _workspaces[worker];
        _pass.Forward(work, first, count);
        _pass.EvaluateLoss(work, first, count);
        _pass.Backward(work, first, count, null, _offsets);
        _pass.FindDeadLayers(work, first, count);
    }

    private void ParameterSlice(int worker, int slice)
    {
        int first = slice * _chunk, count = Math.Min(_chunk, _count - first);
        Workspace work = _workspaces[worker];
        _pass.Forward(work, first, count);
        _pass.EvaluateLoss(work, first, count);
        Slice(slice).Clear();
        _pass.Backward(work, first, count, _slices.Pointer + ((long)slice * ParameterCount), _offsets);
    }

    private Span<float> Slice(int slice) =>
        new(_slices.Pointer + ((long)slice * ParameterCount), ParameterCount);
}
