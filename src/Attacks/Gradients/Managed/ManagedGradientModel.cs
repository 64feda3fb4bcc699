using System.Numerics.Tensors;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using static QSim.Attacks.Gradients.Lengths;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// The gradient engine that is always there: float32, vectorised, on all cores. Every image's
/// results are the same bits whatever the batch it is in and however many threads there are.
/// </summary>
/// <remarks>
/// Needs images, labels and results of as many images, which Require asserts before they are
/// pinned.
/// </remarks>
internal sealed unsafe class ManagedGradientModel : ITrainableModel
{
    private readonly FloatNetwork _network;
    private readonly LayerKernel[] _kernels;
    private readonly ManagedGradientModel? _owner;
    private readonly Workspace[] _workspaces;
    private readonly WorkerPool _pool;
    private readonly Pass _pass;
    private readonly int[] _offsets;
    private readonly Action<int, int> _forward;
    private readonly Action<int, int> _gradient;
    private readonly Action<int, int> _parameters;
    private ManagedGradientModel[]? _views;
    private NativeBuffer _blockSums = new(0);
    private int _count;

    /// <summary>Prepares a network.</summary>
    /// <param name="network">
    /// Its parameter arrays are read here and at <see cref="Refresh"/>.
    /// </param>
    /// <param name="threads">Most threads to use; 0 means one per core.</param>
    /// <exception cref="NotSupportedException">The engine does not know a layer's type.</exception>
    public ManagedGradientModel(FloatNetwork network, int threads = 0)
        : this(
            network,
            [.. Enumerable.Range(0, network.Layers.Length)
                .Select(i => LayerKernels.Create(network, i))],
            threads > 0 ? threads : Environment.ProcessorCount, owner: null)
    {
    }

    private ManagedGradientModel(
        FloatNetwork network, LayerKernel[] kernels, int threads, ManagedGradientModel? owner)
    {
        (_network, _kernels, _owner) = (network, kernels, owner);
        _pool = new(threads);
        _pass = new(network, _kernels);
        _workspaces = [.. Enumerable.Range(0, _pool.Workers).Select(
            _ => new Workspace(
                network, _kernels.Max(k => k.ScratchLength), _pass.Homes, _pass.CutsNegatives))];
        _offsets = new int[network.Layers.Length + 1];
        for (int i = 0; i < network.Layers.Length; i++)
            _offsets[i + 1] = _offsets[i] + network.Layers[i].Parameters.Sum(p => p.Length);
        (_forward, _gradient, _parameters) = (ForwardBlock, GradientBlock, ParameterBlock);
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
    /// <remarks>
    /// They share packed weights with this model, and have workspaces of their own.
    /// </remarks>
    public IReadOnlyList<IGradientModel> Views => _views ??= _pool.Workers == 1
        ? [this]
        : [.. Enumerable.Range(0, _pool.Workers).Select(
            _ => new ManagedGradientModel(_network, _kernels, 1, this))];

    /// <inheritdoc/>
    public void Logits(ReadOnlySpan<float> images, int count, Span<float> logits)
    {
        Require(images.Length, (long)count * Input.Length, "images");
        Require(logits.Length, (long)count * Classes, "logits");
        fixed (float* image = images, logit = logits)
        {
            _pass.Images = image;
            _pass.Logits = logit;
            RunBlocks(count, _forward);
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
        Require(gradients.Length, (long)labels.Length * Input.Length, "gradients");
        if (given is not null)
        {
            RequireActivations(_network, given, labels.Length);
            _pass.Plan(given.Tensors);
        }

        fixed (float* gradient = gradients)
        {
            _pass.Activations = given;
            _pass.ImageGradients = gradient;
            try
            {
                Differentiate(images, labels, loss, losses, logits, _gradient);
            }
            finally
            {
                _pass.Activations = null;
                _pass.ImageGradients = null;
                if (given is not null) _pass.Plan([]);
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> Reads(IReadOnlyList<int> given)
    {
        _pass.Plan(given);
        int[] read = [.. given.Where(_pass.IsNeeded)];
        _pass.Plan([]);
        return read;
    }

    /// <inheritdoc/>
    public string?[] DeadLayers(
        ReadOnlySpan<float> images,
        ReadOnlySpan<int> labels,
        ILoss loss,
        IActivations activations)
    {
        int count = labels.Length;
        int[] layers = new int[count];
        _pass.DeadLayers = layers;
        try
        {
            Gradients(
                images, labels, loss, new float[images.Length], new float[count],
                new float[Sizes.Elements(count, Classes)], activations);
        }
        finally
        {
            _pass.DeadLayers = null;
        }

        return
        [
            .. layers.Select(i =>
                i < 0 ? null
                : i < _kernels.Length ? _network.Layers[i].Name
                : "loss"
            ),
        ];
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
        int blocks = Blocks(labels.Length);
        if (_blockSums.Length < (long)blocks * ParameterCount)
        {
            _blockSums.Dispose();
            _blockSums = new((long)blocks * ParameterCount);
        }

        Differentiate(images, labels, loss, losses, logits, _parameters);
        gradients.Clear();
        for (int b = 0; b < blocks; b++)
            TensorPrimitives.Add(gradients, ParametersOf(b), gradients);
    }

    /// <inheritdoc/>
    public void Refresh()
    {
        foreach (LayerKernel kernel in _kernels) kernel.Repack();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ManagedGradientModel view in _views ?? [])
            if (view != this) view.Dispose();
        foreach (LayerKernel kernel in _owner is null ? _kernels : []) kernel.Dispose();
        foreach (Workspace workspace in _workspaces) workspace.Dispose();
        _blockSums.Dispose();
        _pool.Dispose();
    }

    private void Differentiate(
        ReadOnlySpan<float> images,
        ReadOnlySpan<int> labels,
        ILoss loss,
        Span<float> losses,
        Span<float> logits,
        Action<int, int> work)
    {
        RequireBatch(this, images, labels, losses, logits);
        fixed (float* image = images, logit = logits, lossOut = losses)
        fixed (int* label = labels)
        {
            _pass.Images = image;
            _pass.Logits = logit;
            _pass.Losses = lossOut;
            _pass.Labels = label;
            _pass.Loss = loss;
            RunBlocks(labels.Length, work);
        }
    }

    private void RunBlocks(int count, Action<int, int> work)
    {
        _count = count;
        if (count > 0) _pool.Run(Blocks(count), work);
    }

    private void ForwardBlock(int worker, int block)
    {
        (int first, int count) = Images(block);
        _pass.Forward(_workspaces[worker], first, count);
    }

    private void GradientBlock(int worker, int block) => Differentiate(worker, block, null);

    private void ParameterBlock(int worker, int block)
    {
        Span<float> sums = ParametersOf(block);
        sums.Clear();
        fixed (float* sum = sums) Differentiate(worker, block, sum);
    }

    private void Differentiate(int worker, int block, float* parameterGradients)
    {
        (int first, int count) = Images(block);
        Workspace work = _workspaces[worker];
        _pass.Forward(work, first, count);
        _pass.EvaluateLoss(work, first, count);
        _pass.Backward(work, first, count, parameterGradients, _offsets);
    }

    private static int Blocks(int count) => (count + ImageLanes.Count - 1) / ImageLanes.Count;

    private (int First, int Count) Images(int block) =>
        (block * ImageLanes.Count, Math.Min(ImageLanes.Count, _count - (block * ImageLanes.Count)));

    private Span<float> ParametersOf(int block) =>
        new(_blockSums.At((long)block * ParameterCount, ParameterCount), ParameterCount);
}
