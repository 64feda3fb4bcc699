using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>Sum of two tensors; both get the gradient.</summary>
internal sealed unsafe class AddKernel(FloatNetwork network, int index) : LayerKernel(network, index)
{
    private readonly int _length = network.Shape(index + 1).Length;

    public override void Forward(Workspace work, int images)
    {
        float* a = work.Values[Inputs[0]], b = work.Values[Inputs[1]], y = work.Values[Output];
        for (int i = 0; i < _length * images; i++) y[i] = a[i] + b[i];
    }

    public override void Backward(Workspace work, int images)
    {
        float* dy = work.Gradients[Output];
        foreach (int input in Inputs)
        {
            float* dx = work.Gradients[input];
            if (dx is null) continue;
            for (int i = 0; i < _length * images; i++) dx[i] += dy[i];
        }
    }
}

/// <summary>Tensors behind one another along the channels.</summary>
internal sealed unsafe class ConcatKernel(FloatNetwork network, int index) : LayerKernel(network, index)
{
    private readonly int _length = network.Shape(index + 1).Length;

    public override void Forward(Workspace work, int images)
    {
        for (int n = 0; n < images; n++)
        {
            float* y = work.Values[Output] + ((nint)n * _length);
            foreach (int input in Inputs)
            {
                int length = Network.Shape(input).Length;
                new ReadOnlySpan<float>(work.Values[input] + ((nint)n * length), length)
                    .CopyTo(new Span<float>(y, length));
                y += length;
            }
        }
    }

    public override void Backward(Workspace work, int images)
    {
        for (int n = 0; n < images; n++)
        {
            float* dy = work.Gradients[Output] + ((nint)n * _length);
            foreach (int input in Inputs)
            {
                int length = Network.Shape(input).Length;
                float* dx = work.Gradients[input] is null ? null : work.Gradients[input] + ((nint)n * length);
                for (int i = 0; dx is not null && i < length; i++) dx[i] += dy[i];
                dy += length;
            }
        }
    }
}

/// <summary><c>y = scale * x + shift</c> per channel.</summary>
internal sealed unsafe class BatchNormKernel(FloatNetwork network, int index, BatchNormLayer layer)
    : LayerKernel(network, index)
{
    private readonly int _channels = network.Shape(index + 1).Channels;
    private readonly int _positions = network.Shape(index + 1).Positions;

    public override void Forward(Workspace work, int images)
    {
        float* x = work.Values[Input], y = work.Values[Output];
        for (int plane = 0; plane < images * _channels; plane++)
        {
            float scale = layer.Scale[plane % _channels], shift = layer.Shift[plane % _channels];
            for (int p = 0; p < _positions; p++) *y++ = (scale * *x++) + shift;
        }
    }

    public override void Backward(Workspace work, int images)
    {
        float* dx = work.Gradients[Input], dy = work.Gradients[Output];
        for (int plane = 0; plane < images * _channels; plane++)
        {
            float scale = layer.Scale[plane % _channels];
            for (int p = 0; p < _positions; p++) *dx++ += scale * *dy++;
        }
    }

    public override void ParameterGradients(Workspace work, int images, float* gradients)
    {
        float* x = work.Values[Input], dy = work.Gradients[Output];
        for (int plane = 0; plane < images * _channels; plane++)
            for (int p = 0; p < _positions; p++, x++, dy++)
            {
                gradients[plane % _channels] += *x * *dy;
                gradients[_channels + (plane % _channels)] += *dy;
            }
    }
}
