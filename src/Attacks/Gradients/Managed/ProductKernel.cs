using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// What convolution and dense layer share: weights times windows, and a ReLU behind it where one
/// follows.
/// </summary>
/// <remarks>
/// Needs weights and biases as many as the shapes say, which the constructor asserts.
/// </remarks>
internal abstract unsafe class ProductKernel : LayerKernel
{
    private readonly float[] _weight;
    private readonly float[] _bias;
    private readonly WindowProduct _forward;
    private readonly WindowProduct _backward;
    private readonly NativeBuffer _packed;
    private readonly NativeBuffer _packedBack;
    private readonly NativeBuffer _initial;

    protected ProductKernel(
        FloatNetwork network, int index, float[] weight, float[] bias, TensorShape input,
        TensorShape output, WindowGeometry geometry)
        : base(network, index)
    {
        (_weight, _bias, Geometry) = (weight, bias, geometry);
        In = input with { Channels = input.Channels / geometry.Groups };
        Out = output with { Channels = output.Channels / geometry.Groups };
        Taps = Sizes.Weights(geometry.KernelRows, geometry.KernelColumns);
        Door.Needs(weight.Length == (long)output.Channels * Depth);
        Door.Needs(bias.Length == output.Channels);
        _forward = new(
            Windows.Forward(In, Out, geometry), In.Channels, Taps, In.Positions, Out.Channels,
            Out.Positions);
        _backward = new(
            Windows.Backward(In, Out, geometry), Out.Channels, Taps, Out.Positions, In.Channels,
            In.Positions);
        (_packed, _packedBack) = (new(weight.Length), new(weight.Length));
        _initial = new(bias.Length + In.Channels);
        Repack();
    }

    /// <summary>Shape of a group's input.</summary>
    protected TensorShape In { get; }

    /// <summary>Shape of a group's output.</summary>
    protected TensorShape Out { get; }

    protected WindowGeometry Geometry { get; }

    /// <summary>Positions of the kernel.</summary>
    protected int Taps { get; }

    /// <summary>Weights of an output channel.</summary>
    protected int Depth => In.Channels * Taps;

    protected int WeightLength => _weight.Length;

    private int GroupWeights => Out.Channels * Depth;

    public sealed override void Forward(Workspace work)
    {
        Epilogue end = new(adds: false, work.CutsNegatives[Index] ? 0 : float.NegativeInfinity);
        for (int g = 0; g < Geometry.Groups; g++)
            _forward.Run(
                _packed.Pointer + ((nint)g * GroupWeights), _initial.Pointer + (g * Out.Channels),
                GroupInput(work.Values[Input], g), GroupOutput(work.Values[Output], g), end);
    }

    public sealed override void Backward(Workspace work)
    {
        Epilogue end = new(Adds[0], float.NegativeInfinity);
        for (int g = 0; g < Geometry.Groups; g++)
            _backward.Run(
                _packedBack.Pointer + ((nint)g * GroupWeights), _initial.Pointer + _bias.Length,
                GroupOutput(work.Gradients[Output], g), GroupInput(work.Gradients[Input], g), end);
    }

    public sealed override void Repack()
    {
        _bias.CopyTo(new Span<float>(_initial.Pointer, _bias.Length));
        fixed (float* weight = _weight)
            for (int g = 0; g < Geometry.Groups; g++)
            {
                nint at = (nint)g * GroupWeights;
                _forward.Pack(weight + at, Depth, Taps, _packed.Pointer + at);
                _backward.Pack(weight + at, Taps, Depth, _packedBack.Pointer + at);
            }

        RepackMore(_weight);
    }

    public sealed override void Dispose()
    {
        _packed.Dispose();
        _packedBack.Dispose();
        _initial.Dispose();
        DisposeMore();
    }

    /// <summary>Also called by this class's constructor, before the derived one's.</summary>
    protected virtual void RepackMore(ReadOnlySpan<float> weight)
    {
    }

    protected virtual void DisposeMore()
    {
    }

    /// <summary>Adds every output channel's gradient, images in order, to the bias's.</summary>
    protected void BiasGradients(Workspace work, float* gradients)
    {
        float* gradient = work.Gradients[Output];
        for (int o = 0; o < _bias.Length; o++, gradient += Out.Positions * ImageLanes.Count)
            gradients[o] += LaneSums.Sum(gradient, Out.Positions);
    }

    protected float* GroupInput(float* tensor, int group) =>
        tensor + ((nint)group * In.Length * ImageLanes.Count);

    protected float* GroupOutput(float* tensor, int group) =>
        tensor + ((nint)group * Out.Length * ImageLanes.Count);
}
