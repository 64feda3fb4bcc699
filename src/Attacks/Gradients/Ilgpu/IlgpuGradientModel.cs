using QSim.Attacks.Gradients.Managed;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Networks;
using static QSim.Attacks.Gradients.Lengths;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// Gradients by ILGPU's kernels on a device, in float32; each image's are the same bits whatever
/// the batch. Losses are computed on the host, as for every engine. What training needs beyond
/// that, gradients of parameters, comes from the managed engine.
/// </summary>
internal sealed class IlgpuGradientModel : ITrainableModel, IClimbingModel
{
    private const int MostAtOnce = 16384;
    private const long MostValues = 1L << 29;

    private readonly FloatNetwork _network;
    private readonly int _threads;
    private ManagedGradientModel? _managed;
    private readonly DeviceClimber _climber;
    private float[] _read = [];

    /// <summary>Uploads the network.</summary>
    /// <param name="network">
    /// Its parameter arrays are read here and at <see cref="Refresh"/>.
    /// </param>
    /// <param name="engine">The engine's name.</param>
    /// <param name="session">The device.</param>
    /// <param name="threads">Most threads of the managed engine; 0 lets it choose.</param>
    public IlgpuGradientModel(
        FloatNetwork network, string engine, DeviceSession session, int threads)
    {
        (_network, Engine, Session, _threads) = (network, engine, session, threads);
        Pass = Session.Hold(() => new DevicePass(network, session));
        _climber = new(Pass, session);
    }

    /// <inheritdoc/>
    public string Engine { get; }

    /// <inheritdoc/>
    public TensorShape Input => _network.Input;

    /// <inheritdoc/>
    public int Classes => _network.Classes;

    /// <inheritdoc/>
    public int ParameterCount => _network.ParameterCount;

    /// <summary>The device.</summary>
    public DeviceSession Session { get; }

    /// <summary>The network on the device.</summary>
    public DevicePass Pass { get; }

    private int Last => _network.Layers.Length;

    private ManagedGradientModel Managed => _managed ??= new(_network, _threads);

    /// <inheritdoc/>
    public void Logits(ReadOnlySpan<float> images, int count, Span<float> logits)
    {
        Require(images.Length, (long)count * Input.Length, "images");
        Require(logits.Length, (long)count * Classes, "logits");
        lock (Session)
        {
            using KeptMemory.Use use = Session.Kept.InUse(Pass);
            Pass.Choose([]);
            for (int first = 0, size; first < count; first += size)
            {
                size = Begin(count - first);
                Forward(images, first, size, FloatActivations.None);
                TakeLogits(logits.Slice(first * Classes, size * Classes), size);
            }
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
        float[] slopes = new float[logits.Length];
        lock (Session)
        {
            using KeptMemory.Use use = Session.Kept.InUse(Pass);
            Pass.Choose(activations.Tensors);
            for (int first = 0, size; first < labels.Length; first += size)
            {
                size = Begin(labels.Length - first);
                Forward(images, first, size, activations);
                Span<float> mine = logits.Slice(first * Classes, size * Classes);
                TakeLogits(mine, size);
                for (int i = 0; i < size; i++)
                    losses[first + i] = loss.Evaluate(
                        mine.Slice(i * Classes, Classes), labels[first + i],
                        slopes.AsSpan(i * Classes, Classes));
                Backward(
                    slopes.AsSpan(0, mine.Length),
                    gradients.Slice(first * Input.Length, size * Input.Length), size);
            }
        }
    }

    /// <inheritdoc/>
    public string?[] DeadLayers(
        ReadOnlySpan<float> images, ReadOnlySpan<int> labels, ILoss loss,
        IActivations activations)
    {
        // Batches under way side by side may both ask; the managed engine takes one at a time.
        lock (Session) return Managed.DeadLayers(images, labels, loss, activations);
    }

    /// <inheritdoc/>
    public void ParameterGradients(
        ReadOnlySpan<float> images,
        ReadOnlySpan<int> labels,
        ILoss loss,
        Span<float> gradients,
        Span<float> losses,
        Span<float> logits) =>
        Managed.ParameterGradients(images, labels, loss, gradients, losses, logits);

    /// <inheritdoc/>
    public int ImagesAtOnce => (int)Math.Min(
        MostAtOnce, MostValues * ImageBlocks.Lanes / DeviceTensors.FloatsPerBlock(_network));

    /// <inheritdoc/>
    public bool CanClimb(Climb climb, Simulation? hardware) =>
        DeviceClimb.Can(climb, hardware, Session);

    /// <inheritdoc/>
    public void Make(
        Climb climb, ClimbImages images, Simulation? hardware, CancellationToken cancellation) =>
        _climber.Make(climb, images, hardware, cancellation);

    /// <inheritdoc/>
    public void Refresh()
    {
        _managed?.Refresh();
        Session.Hold(() =>
        {
            Pass.Refresh();
            return 0;
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _managed?.Dispose();
        lock (Session)
        {
            _climber.Dispose();
            Pass.Dispose();
        }
    }

    private int Begin(int images) => Session.Hold(() =>
    {
        int size = Pass.Take(images);
        Pass.Tensors.Blocks = ImageBlocks.For(size);
        return size;
    });

    private void Forward(
        ReadOnlySpan<float> images, int first, int count, IActivations activations)
    {
        try
        {
            Bring(0, images.Slice(first * Input.Length, count * Input.Length), count);
            foreach (int tensor in activations.Tensors.Order().Where(Pass.IsNeeded))
            {
                int length = _network.Shape(tensor).Length, values = count * length;
                if (_read.Length < values) _read = new float[values];
                activations.Read(tensor, first * length, _read.AsSpan(0, values));
                Bring(tensor, _read.AsSpan(0, values), count);
            }

            Pass.Forward();
        }
        catch (Exception e) when (DeviceFailures.IsDriver(e))
        {
            throw Session.Fail(e);
        }
    }

    private void Bring(int tensor, ReadOnlySpan<float> values, int count)
    {
        if (Pass.IsNeeded(tensor))
            Pass.Tensors.Bring(tensor, values, count, Pass.Tensors.Values[tensor]);
    }

    private void TakeLogits(Span<float> logits, int count)
    {
        try
        {
            Pass.Tensors.Take(Last, Pass.Tensors.Values[Last], logits, count);
        }
        catch (Exception e) when (DeviceFailures.IsDriver(e))
        {
            throw Session.Fail(e);
        }
    }

    private void Backward(ReadOnlySpan<float> slopes, Span<float> gradients, int count)
    {
        try
        {
            Pass.Tensors.Bring(Last, slopes, count, Pass.Tensors.Gradients[Last]);
            Pass.Backward();
            Pass.Tensors.Take(0, Pass.Tensors.Gradients[0], gradients, count);
        }
        catch (Exception e) when (DeviceFailures.IsDriver(e))
        {
            throw Session.Fail(e);
        }
    }
}
