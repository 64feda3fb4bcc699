using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>Fully connected layer: every feature is a channel of one position.</summary>
/// <remarks>Needs a workspace of this network, and scratch as ScratchLength asks for.</remarks>
internal sealed unsafe class DenseKernel : ProductKernel
{
    /// <summary>
    /// Weights' gradients: inputs by images times images by outputs, a row of inputs at a time.
    /// </summary>
    private readonly WindowProduct _gradients;
    private readonly NativeBuffer _zeros;
    private readonly SparseProduct? _images;

    public DenseKernel(FloatNetwork network, int index, DenseLayer layer)
        : base(
            network, index, layer.Weight, layer.Bias,
            new(network.Shape(network.Layers[index].Inputs[0]).Length), new(layer.OutputFeatures),
            new())
    {
        WindowClass all = Windows.Forward(new(1), new(1), new())[0];
        _gradients = new([all], ImageLanes.Count, 1, 1, Out.Channels, 1);
        _zeros = new(Out.Channels);
        if (!ReadsImage(network, Input)) return;
        _images = new(In.Channels, Out.Channels);
        _images.Pack(layer.Weight);
    }

    public override long ScratchLength => Math.Max(
        (long)ImageLanes.Count * (ImageLanes.Count + (2 * Out.Channels)),
        _images?.ScratchLength ?? 0);

    /// <summary>Whether it reads images, flattened or not.</summary>
    public bool CanWriteImages => _images is not null;

    /// <summary>
    /// As <see cref="LayerKernel.Backward"/>, into the gradients of the images themselves.
    /// </summary>
    /// <param name="work">The thread's.</param>
    /// <param name="count">Images of the block.</param>
    /// <param name="images">Filled: [image][pixel].</param>
    public void BackwardToImages(Workspace work, int count, float* images) =>
        _images!.Run(work.Gradients[Output], count, work.Scratch, images);

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

    protected override void RepackMore(ReadOnlySpan<float> weight) => _images?.Pack(weight);

    protected override void DisposeMore()
    {
        _zeros.Dispose();
        _images?.Dispose();
    }

    private static bool ReadsImage(FloatNetwork network, int tensor)
    {
        while (tensor > 0 && network.Layers[tensor - 1] is FlattenLayer flatten)
            tensor = flatten.Inputs[0];
        return tensor == 0;
    }
}
