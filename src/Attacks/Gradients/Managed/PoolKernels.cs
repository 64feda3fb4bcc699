using System.Runtime.Intrinsics;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// What both poolings share: windows clipped to the image, and where their gradients go.
/// </summary>
/// <remarks>Needs windows that lie in the planes, which Windows asserts.</remarks>
internal abstract unsafe class PoolKernel : LayerKernel
{
    private readonly TensorShape _in;
    private readonly TensorShape _out;
    private readonly WindowClass[] _classes;

    /// <summary>Whether every input lies in just one window.</summary>
    private readonly bool _tiles;

    protected PoolKernel(FloatNetwork network, int index, WindowGeometry geometry)
        : base(network, index)
    {
        (_in, _out) = (network.Shape(Input), network.Shape(Output));
        _classes = Windows.Forward(_in, _out, geometry);
        _tiles = Windows.Backward(_in, _out, geometry).All(c => c.Taps.Length == 1);
    }

    public sealed override void Forward(Workspace work)
    {
        float* x = work.Values[Input], y = work.Values[Output];
        for (int plane = 0; plane < _in.Channels; plane++)
        {
            foreach (WindowClass c in _classes)
                fixed (int* taps = c.Offsets)
                    for (int p = 0; p < c.From.Length; p++)
                        for (int lane = 0; lane < ImageLanes.Count; lane += Vector256<float>.Count)
                            Vector256.Store(
                                Pool(x + c.From[p] + lane, taps, c.Offsets.Length),
                                y + c.To[p] + lane);
            x += _in.Positions * ImageLanes.Count;
            y += _out.Positions * ImageLanes.Count;
        }
    }

    public sealed override void Backward(Workspace work)
    {
        float* x = work.Values[Input], dx = work.Gradients[Input], dy = work.Gradients[Output];
        if (!_tiles && !Adds[0]) new Span<float>(dx, _in.Length * ImageLanes.Count).Clear();
        Epilogue end = new(Adds[0] || !_tiles, float.NegativeInfinity);
        for (int plane = 0; plane < _in.Channels; plane++)
        {
            foreach (WindowClass c in _classes)
                fixed (int* taps = c.Offsets)
                    for (int p = 0; p < c.From.Length; p++)
                        for (int lane = 0; lane < ImageLanes.Count; lane += Vector256<float>.Count)
                            Spread(
                                x + c.From[p] + lane, Vector256.Load(dy + c.To[p] + lane),
                                dx + c.From[p] + lane, taps, c.Offsets.Length, end);
            x += _in.Positions * ImageLanes.Count;
            dx += _in.Positions * ImageLanes.Count;
            dy += _out.Positions * ImageLanes.Count;
        }
    }

    /// <summary>One window's output; 0 where the window has no taps.</summary>
    protected abstract Vector256<float> Pool(float* x, int* taps, int count);

    /// <summary>Gives one window's gradient to its inputs.</summary>
    protected abstract void Spread(
        float* x, Vector256<float> gradient, float* dx, int* taps, int count, in Epilogue end);
}

/// <summary>
/// Maximum over a window; ties go to the first in row order, which alone gets the gradient.
/// </summary>
internal sealed unsafe class MaxPoolKernel(FloatNetwork network, int index, MaxPool2dLayer layer)
    : PoolKernel(network, index, layer.Geometry)
{
    public override bool BackwardReadsInput => true;

    protected override Vector256<float> Pool(float* x, int* taps, int count)
    {
        if (count == 0) return Vector256<float>.Zero;
        Vector256<float> best = Vector256.Load(x);
        for (int t = 1; t < count; t++)
        {
            Vector256<float> value = Vector256.Load(x + taps[t]);
            best = Vector256.ConditionalSelect(Vector256.GreaterThan(value, best), value, best);
        }

        return best;
    }

    protected override void Spread(
        float* x, Vector256<float> gradient, float* dx, int* taps, int count, in Epilogue end)
    {
        Vector256<float> best = Pool(x, taps, count);
        for (int t = 0; t < count; t++)
        {
            Vector256<float> won = Vector256.Equals(Vector256.Load(x + taps[t]), best);
            Vector256.Store(end.Finish(won & gradient, dx + taps[t]), dx + taps[t]);
            gradient = Vector256.AndNot(gradient, won);
        }
    }
}

/// <summary>Mean over the part of the window that lies in the image.</summary>
internal sealed unsafe class AveragePoolKernel(
    FloatNetwork network, int index,
    AveragePool2dLayer layer) : PoolKernel(network, index, layer.Geometry)
{
    protected override Vector256<float> Pool(float* x, int* taps, int count)
    {
        Vector256<float> sum = Vector256<float>.Zero;
        for (int t = 0; t < count; t++) sum += Vector256.Load(x + taps[t]);
        return count == 0 ? sum : sum / Vector256.Create((float)count);
    }

    protected override void Spread(
        float* x, Vector256<float> gradient, float* dx, int* taps, int count, in Epilogue end)
    {
        Vector256<float> share = gradient / Vector256.Create((float)Math.Max(count, 1));
        for (int t = 0; t < count; t++)
            Vector256.Store(end.Finish(share, dx + taps[t]), dx + taps[t]);
    }
}
