using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>Fully connected layer as one matrix product over the images of the chunk.</summary>
internal sealed unsafe class DenseKernel : LayerKernel
{
    private readonly DenseLayer _layer;
    private readonly int _inputs;
    private readonly int _outputs;
    private readonly int _chunk;
    private readonly NativeBuffer _forward;
    private readonly NativeBuffer _backward;

    public DenseKernel(FloatNetwork network, int index, DenseLayer layer) : base(network, index)
    {
        _layer = layer;
        _inputs = network.Shape(Input).Length;
        _outputs = layer.OutputFeatures;
        _chunk = Workspace.LargestChunk;
        _forward = new(Gemm.PackedLength(_inputs, _outputs));
        _backward = new(Gemm.PackedLength(_outputs, _inputs));
        Repack();
    }

    public override long ScratchLength => Gemm.PackedLength(_chunk, _inputs);

    public override void Forward(Workspace work, int images)
    {
        float* output = work.Values[Output];
        for (int i = 0; i < images; i++)
            _layer.Bias.CopyTo(new Span<float>(output + ((nint)i * _outputs), _outputs));
        Gemm.MultiplyAdd(
            work.Values[Input], _inputs, 1, _forward.Pointer, output, _outputs, images, _outputs, _inputs);
    }

    public override void Backward(Workspace work, int images) => Gemm.MultiplyAdd(
        work.Gradients[Output], _outputs, 1, _backward.Pointer,
        work.Gradients[Input], _inputs, images, _inputs, _outputs);

    public override void ParameterGradients(Workspace work, int images, float* gradients)
    {
        Panels.Pack(work.Values[Input], _inputs, 1, images, _inputs, work.Scratch);
        Gemm.MultiplyAdd(
            work.Gradients[Output], 1, _outputs, work.Scratch, gradients, _inputs, _outputs, _inputs, images);
        float* bias = gradients + _layer.Weight.Length;
        for (int i = 0; i < images; i++)
            for (int o = 0; o < _outputs; o++)
                bias[o] += work.Gradients[Output][((nint)i * _outputs) + o];
    }

    public override void Repack()
    {
        fixed (float* weight = _layer.Weight)
        {
            Panels.Pack(weight, 1, _inputs, _inputs, _outputs, _forward.Pointer);
            Panels.Pack(weight, _inputs, 1, _outputs, _inputs, _backward.Pointer);
        }
    }

    public override void Dispose()
    {
        _forward.Dispose();
        _backward.Dispose();
    }
}
