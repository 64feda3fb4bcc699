using System.Numerics.Tensors;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// Convolution, image by image and group by group: directly where the stride is 1 and rows are long, elsewhere as a
/// matrix product of weights and unfolded image.
/// </summary>
internal sealed unsafe class ConvKernel : LayerKernel
{
    private readonly Conv2dLayer _layer;
    private readonly WindowGeometry _geometry;
    private readonly TensorShape _in;
    private readonly TensorShape _out;
    private readonly TensorShape _groupIn;
    private readonly TensorShape _groupOut;
    private readonly int _depth;
    private readonly NativeBuffer _parameters;
    private readonly NativeBuffer _flipped;
    private readonly DirectConv? _forward;
    private readonly DirectConv? _backward;

    public ConvKernel(FloatNetwork network, int index, Conv2dLayer layer) : base(network, index)
    {
        (_layer, _geometry) = (layer, layer.Geometry);
        (_in, _out) = (network.Shape(Input), network.Shape(Output));
        _groupIn = _in with { Channels = _in.Channels / _geometry.Groups };
        _groupOut = _out with { Channels = _out.Channels / _geometry.Groups };
        _depth = _groupIn.Channels * _geometry.KernelRows * _geometry.KernelColumns;
        _parameters = new(layer.Weight.Length + layer.Bias.Length);
        _flipped = new(layer.Weight.Length + _groupIn.Channels);
        if (DirectConv.Fits(_groupOut, _geometry)) _forward = new(_groupIn, _groupOut, _geometry, isFlipped: false);
        WindowGeometry mirror = Mirror();
        if (DirectConv.Fits(_groupIn, mirror) && _geometry.StrideRows == 1 && _geometry.StrideColumns == 1)
            _backward = new(_groupOut, _groupIn, mirror, isFlipped: true);
        Repack();
    }

    public override long ScratchLength => UnfoldedLength + Math.Max(
        Gemm.PackedLength(Math.Max(_depth, _groupOut.Channels), _out.Positions),
        Math.Max(Gemm.PackedLength(_out.Positions, _depth), _backward?.PaddedLength ?? 0));

    private int UnfoldedLength =>
        (Math.Max(Math.Max(_depth * _out.Positions, _groupIn.Length), _forward?.PaddedLength ?? 0) + 15) / 16 * 16;

    private float* Biases => _parameters.Pointer + _layer.Weight.Length;

    public override void Forward(Workspace work, int images)
    {
        for (int i = 0; i < images * _geometry.Groups; i++)
        {
            int group = i % _geometry.Groups;
            float* input = GroupInput(work.Values[Input], i), output = GroupOutput(work.Values[Output], i);
            float* bias = Biases + (group * _groupOut.Channels);
            if (_forward is not null)
                _forward.Run(Weights(group), bias, input, work.Scratch, output, _groupOut.Channels);
            else
                Multiply(Weights(group), bias, input, output, work.Scratch);
        }
    }

    public override void Backward(Workspace work, int images)
    {
        float* scratch = work.Scratch, rest = scratch + UnfoldedLength;
        for (int i = 0; i < images * _geometry.Groups; i++)
        {
            int group = i % _geometry.Groups;
            float* output = GroupOutput(work.Gradients[Output], i), input = GroupInput(work.Gradients[Input], i);
            if (_backward is null)
            {
                MultiplyTransposed(Weights(group), output, input, scratch);
                continue;
            }

            float* flipped = _flipped.Pointer + ((nint)group * _groupOut.Channels * _depth);
            float* zeros = _flipped.Pointer + _layer.Weight.Length;
            _backward.Run(flipped, zeros, output, rest, scratch, _groupIn.Channels);
            Span<float> sum = new(input, _groupIn.Length);
            TensorPrimitives.Add(sum, new ReadOnlySpan<float>(scratch, _groupIn.Length), sum);
        }
    }

    public override void ParameterGradients(Workspace work, int images, float* gradients)
    {
        float* unfolded = work.Scratch, panels = work.Scratch + UnfoldedLength;
        float* bias = gradients + _layer.Weight.Length;
        for (int i = 0; i < images * _geometry.Groups; i++)
        {
            int group = i % _geometry.Groups;
            Panels.Unfold(GroupInput(work.Values[Input], i), _in, _groupIn.Channels, _geometry, unfolded);
            Panels.Pack(unfolded, 1, _out.Positions, _out.Positions, _depth, panels);
            Gemm.MultiplyAdd(
                GroupOutput(work.Gradients[Output], i), _out.Positions, 1, panels,
                gradients + ((nint)group * _groupOut.Channels * _depth), _depth, _groupOut.Channels, _depth, _out.Positions);
        }

        float* output = work.Gradients[Output];
        for (int i = 0; i < images; i++)
            for (int o = 0; o < _out.Channels; o++)
                for (int p = 0; p < _out.Positions; p++) bias[o] += *output++;
    }

    public override void Repack()
    {
        _layer.Weight.CopyTo(new Span<float>(_parameters.Pointer, _layer.Weight.Length));
        _layer.Bias.CopyTo(new Span<float>(Biases, _layer.Bias.Length));

        // [group][output][input][tap] becomes [group][input][output][tap].
        int taps = _geometry.KernelRows * _geometry.KernelColumns;
        for (int i = 0; i < _layer.Weight.Length; i++)
        {
            int group = i / (_groupOut.Channels * _depth), o = i / _depth % _groupOut.Channels, c = i / taps % _groupIn.Channels;
            int to = (((((group * _groupIn.Channels) + c) * _groupOut.Channels) + o) * taps) + (i % taps);
            _flipped.Pointer[to] = _layer.Weight[i];
        }
    }

    public override void Dispose()
    {
        _parameters.Dispose();
        _flipped.Dispose();
        _forward?.Dispose();
        _backward?.Dispose();
    }

    /// <summary>The window under which the output's gradient makes the input's.</summary>
    private WindowGeometry Mirror()
    {
        int rows = _geometry.DilationRows * (_geometry.KernelRows - 1);
        int columns = _geometry.DilationColumns * (_geometry.KernelColumns - 1);
        return _geometry with
        {
            StrideRows = 1,
            StrideColumns = 1,
            PadTop = rows - _geometry.PadTop,
            PadLeft = columns - _geometry.PadLeft,
            PadBottom = rows - _geometry.PadBottom,
            PadRight = columns - _geometry.PadRight,
        };
    }

    private void Multiply(float* weights, float* bias, float* input, float* output, float* scratch)
    {
        float* panels = scratch + UnfoldedLength;
        for (int o = 0; o < _groupOut.Channels; o++)
            new Span<float>(output + ((nint)o * _out.Positions), _out.Positions).Fill(bias[o]);
        Panels.Unfold(input, _in, _groupIn.Channels, _geometry, scratch);
        Panels.Pack(scratch, _out.Positions, 1, _depth, _out.Positions, panels);
        Gemm.MultiplyAdd(
            weights, _depth, 1, panels, output, _out.Positions, _groupOut.Channels, _out.Positions, _depth);
    }

    private void MultiplyTransposed(float* weights, float* output, float* input, float* scratch)
    {
        float* panels = scratch + UnfoldedLength;
        Panels.Pack(output, _out.Positions, 1, _groupOut.Channels, _out.Positions, panels);
        new Span<float>(scratch, _depth * _out.Positions).Clear();
        Gemm.MultiplyAdd(
            weights, 1, _depth, panels, scratch, _out.Positions, _depth, _out.Positions, _groupOut.Channels);
        Panels.FoldAdd(scratch, _in, _groupIn.Channels, _geometry, input);
    }

    private float* Weights(int group) => _parameters.Pointer + ((nint)group * _groupOut.Channels * _depth);

    /// <summary>Input of group (i % groups) of image (i / groups).</summary>
    private float* GroupInput(float* tensor, int i) => tensor + ((nint)i * _groupIn.Length);

    private float* GroupOutput(float* tensor, int i) => tensor + ((nint)i * _groupOut.Length);
}
