using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>Convolution as a matrix product per image and group: weights times unfolded image.</summary>
internal sealed unsafe class ConvKernel : LayerKernel
{
    private readonly Conv2dLayer _layer;
    private readonly TensorShape _in;
    private readonly TensorShape _out;
    private readonly int _groupChannels;
    private readonly int _groupOutputs;
    private readonly int _depth;
    private readonly NativeBuffer _weights;

    public ConvKernel(FloatNetwork network, int index, Conv2dLayer layer) : base(network, index)
    {
        _layer = layer;
        _in = network.Shape(Input);
        _out = network.Shape(Output);
        _groupChannels = _in.Channels / layer.Geometry.Groups;
        _groupOutputs = _out.Channels / layer.Geometry.Groups;
        _depth = _groupChannels * layer.Geometry.KernelRows * layer.Geometry.KernelColumns;
        _weights = new(layer.Weight.Length);
        Repack();
    }

    public override long ScratchLength => UnfoldedLength + Math.Max(
        Gemm.PackedLength(Math.Max(_depth, _groupOutputs), _out.Positions),
        Gemm.PackedLength(_out.Positions, _depth));

    private int UnfoldedLength => (_depth * _out.Positions + 15) / 16 * 16;

    public override void Forward(Workspace work, int images)
    {
        float* unfolded = work.Scratch, panels = work.Scratch + UnfoldedLength;
        for (int i = 0; i < images; i++)
        {
            float* output = work.Values[Output] + ((nint)i * _out.Length);
            for (int o = 0; o < _out.Channels; o++)
                new Span<float>(output + ((nint)o * _out.Positions), _out.Positions).Fill(_layer.Bias[o]);
            for (int g = 0; g < _layer.Geometry.Groups; g++)
            {
                Panels.Unfold(GroupInput(work.Values[Input], i, g), _in, _groupChannels, _layer.Geometry, unfolded);
                Panels.Pack(unfolded, _out.Positions, 1, _depth, _out.Positions, panels);
                Gemm.MultiplyAdd(
                    GroupWeights(g), _depth, 1, panels, GroupOutput(work.Values[Output], i, g),
                    _out.Positions, _groupOutputs, _out.Positions, _depth);
            }
        }
    }

    public override void Backward(Workspace work, int images)
    {
        float* unfolded = work.Scratch, panels = work.Scratch + UnfoldedLength;
        for (int i = 0; i < images; i++)
        {
            for (int g = 0; g < _layer.Geometry.Groups; g++)
            {
                float* output = GroupOutput(work.Gradients[Output], i, g);
                Panels.Pack(output, _out.Positions, 1, _groupOutputs, _out.Positions, panels);
                new Span<float>(unfolded, _depth * _out.Positions).Clear();
                Gemm.MultiplyAdd(
                    GroupWeights(g), 1, _depth, panels, unfolded,
                    _out.Positions, _depth, _out.Positions, _groupOutputs);
                Panels.FoldAdd(
                    unfolded, _in, _groupChannels, _layer.Geometry, GroupInput(work.Gradients[Input], i, g));
            }
        }
    }

    public override void ParameterGradients(Workspace work, int images, float* gradients)
    {
        float* unfolded = work.Scratch, panels = work.Scratch + UnfoldedLength;
        float* bias = gradients + _layer.Weight.Length;
        for (int i = 0; i < images; i++)
        {
            for (int g = 0; g < _layer.Geometry.Groups; g++)
            {
                Panels.Unfold(GroupInput(work.Values[Input], i, g), _in, _groupChannels, _layer.Geometry, unfolded);
                Panels.Pack(unfolded, 1, _out.Positions, _out.Positions, _depth, panels);
                Gemm.MultiplyAdd(
                    GroupOutput(work.Gradients[Output], i, g), _out.Positions, 1, panels,
                    gradients + ((nint)g * _groupOutputs * _depth), _depth, _groupOutputs, _depth, _out.Positions);
            }

            float* output = work.Gradients[Output] + ((nint)i * _out.Length);
            for (int o = 0; o < _out.Channels; o++)
                for (int p = 0; p < _out.Positions; p++) bias[o] += *output++;
        }
    }

    public override void Repack() =>
        _layer.Weight.CopyTo(new Span<float>(_weights.Pointer, _layer.Weight.Length));

    public override void Dispose() => _weights.Dispose();

    private float* GroupWeights(int group) => _weights.Pointer + ((nint)group * _groupOutputs * _depth);

    private float* GroupInput(float* tensor, int image, int group) =>
        tensor + ((nint)image * _in.Length) + ((nint)group * _groupChannels * _in.Positions);

    private float* GroupOutput(float* tensor, int image, int group) =>
        tensor + ((nint)image * _out.Length) + ((nint)group * _groupOutputs * _out.Positions);
}
