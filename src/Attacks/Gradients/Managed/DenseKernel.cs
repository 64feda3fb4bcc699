using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>Fully connected layer: every feature is a channel of one position.</summary>
internal sealed unsafe class DenseKernel : ProductKernel
{
    /// <summary>
    /// Weights' gradients: inputs by images times images by outputs, a row of inputs at a time.
    /// </summary>
    private readonly WindowProduct _gradients;
    private readonly NativeBuffer _zeros;

    public DenseKernel(FloatNetwork network, int index, DenseLayer layer)
        : base(
            network, index, layer.Weight, layer.Bias,
            new(network.Shape(network.Layers[index].Inputs[0]).Length), new(layer.OutputFeatures),
            new())
    {
        WindowClass all = Windows.Forward(new(1), new(1), new())[0];
        _gradients = new([all], ImageLanes.Count, 1, 1, Out.Channels, 1);
        _zeros = new(Out.Channels);
    }

    public override long ScratchLength =>
        (long)ImageLanes.Count * (ImageLanes.Count + (2 * Out.Channels));

    /// <summary>A weight's gradient is one chain of multiply-adds, image by image.</summary>
    public override void ParameterGradients(Workspace work, float* gradients)
    {
        BiasGradients(work, gradients + WeightLength);
        int lanes = ImageLanes.Count,
            outputs = Out.Channels,
            inputs = In.Channels;
        float* square = work.Scratch,
            sums = square + (lanes * lanes),
            packed = sums + (outputs * lanes);
        _gradients.Pack(work.Gradients[Output], lanes, 1, packed);
        for (int n = 0; n < inputs; n += lanes)
        {
            int width = Math.Min(lanes, inputs - n);
            ImageLanes.Transpose(
                work.Values[Input] + (n * lanes), lanes, square, lanes, width, lanes);
            _gradients.Run(
                packed, _zeros.Pointer, square, sums, new(adds: false, float.NegativeInfinity));
            for (int o = 0; o < outputs; o++)
            {
                float* row = gradients + ((nint)o * inputs) + n, sum = sums + (o * lanes);
                if (width == lanes) VectorCopy.Run(sum, row, lanes, adds: true);
                else for (int i = 0; i < width; i++) row[i] += sum[i];
            }
        }
    }

    protected override void DisposeMore() => _zeros.Dispose();
}
