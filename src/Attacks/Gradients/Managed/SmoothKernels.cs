using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>1 / (1 + exp(-x)); its slope is y (1 - y).</summary>
/// <remarks>
/// Needs a workspace of this network, whose tensors Workspace makes as long as their shapes
/// say.
/// </remarks>
internal sealed unsafe class SigmoidKernel(FloatNetwork network, int index)
    : LayerKernel(network, index)
{
    private readonly int _length = network.Shape(index + 1).Length * ImageLanes.Count;

    public override bool BackwardReadsOutput => true;

    public override void Forward(Workspace work)
    {
        float* x = work.Values[Input], y = work.Values[Output];
        for (int i = 0; i < _length; i++) y[i] = (float)(1 / (1 + Math.Exp(-x[i])));
    }

    public override void Backward(Workspace work)
    {
        float* y = work.Values[Output],
            dy = work.Gradients[Output],
            dx = work.Gradients[Input];
        for (int i = 0; i < _length; i++)
            dx[i] = (Adds[0] ? dx[i] : 0) + (y[i] * (1 - y[i]) * dy[i]);
    }
}

/// <summary>Hyperbolic tangent; its slope is 1 - y^2.</summary>
internal sealed unsafe class TanhKernel(FloatNetwork network, int index)
    : LayerKernel(network, index)
{
    private readonly int _length = network.Shape(index + 1).Length * ImageLanes.Count;

    public override bool BackwardReadsOutput => true;

    public override void Forward(Workspace work)
    {
        float* x = work.Values[Input], y = work.Values[Output];
        for (int i = 0; i < _length; i++) y[i] = (float)Math.Tanh(x[i]);
    }

    public override void Backward(Workspace work)
    {
        float* y = work.Values[Output],
            dy = work.Gradients[Output],
            dx = work.Gradients[Input];
        for (int i = 0; i < _length; i++)
            dx[i] = (Adds[0] ? dx[i] : 0) + ((1 - (y[i] * y[i])) * dy[i]);
    }
}

/// <summary>Softmax over an image's features: dx = y (dy - sum of y dy).</summary>
internal sealed unsafe class SoftmaxKernel(FloatNetwork network, int index)
    : LayerKernel(network, index)
{
    private readonly int _length = network.Shape(index + 1).Length * ImageLanes.Count;

    public override bool BackwardReadsOutput => true;

    public override void Forward(Workspace work)
    {
        int step = ImageLanes.Count;
        for (int lane = 0; lane < step; lane++)
        {
            float* x = work.Values[Input],
                y = work.Values[Output];
            double largest = double.NegativeInfinity,
                sum = 0;
            for (int i = lane; i < _length; i += step)
                largest = Math.Max(largest, x[i]);
            for (int i = lane; i < _length; i += step)
                sum += Math.Exp(x[i] - largest);
            for (int i = lane; i < _length; i += step)
                y[i] = (float)(Math.Exp(x[i] - largest) / sum);
        }
    }

    public override void Backward(Workspace work)
    {
        float* y = work.Values[Output], dy = work.Gradients[Output], dx = work.Gradients[Input];
        int step = ImageLanes.Count;
        for (int lane = 0; lane < step; lane++)
        {
            double mean = 0;
            for (int i = lane; i < _length; i += step) mean += (double)y[i] * dy[i];
            for (int i = lane; i < _length; i += step)
                dx[i] = (Adds[0] ? dx[i] : 0) + (float)(y[i] * (dy[i] - mean));
        }
    }
}
