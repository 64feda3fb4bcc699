using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>
/// The float network's forward pass over many images: the same bits as <see cref="FloatForward"/>,
/// in a fraction of the time and in memory that does not grow with the number of images.
/// </summary>
internal sealed class BlockForward
{
    /// <summary>Bytes that all threads together work in, where the network lets them.</summary>
    private const long MostBytes = 512L << 20;

    private readonly FloatNetwork _network;
    private readonly LaneProduct?[] _products;
    private readonly int[] _lastReader;

    /// <summary>Weights are those that the network holds now.</summary>
    public BlockForward(FloatNetwork network)
    {
        _network = network;
        _products = [.. network.Layers.Select((l, i) => LaneProduct.Of(
            l, network.Shape(l.Inputs[0]), network.Shape(i + 1)))];
        _lastReader = new int[network.Layers.Length + 1];
        foreach ((int i, FloatLayer layer) in network.Layers.Index())
            foreach (int input in layer.Inputs) _lastReader[input] = i;
    }

    /// <summary>Shows every tensor of every image up to one, on several threads at once.</summary>
    /// <param name="images">Images one after another.</param>
    /// <param name="last">The last tensor that is wanted.</param>
    /// <param name="see">
    /// Told tensor, image and values, which hold only for that moment; the input first.
    /// </param>
    public void Run(ReadOnlyMemory<float> images, int last, Action<int, int, float[]> see)
    {
        int length = _network.Input.Length, count = images.Length / length;
        int blocks = (count + LaneProduct.Images - 1) / LaneProduct.Images;
        Parallel.For(0, blocks, new() { MaxDegreeOfParallelism = Threads() }, b =>
        {
            int first = b * LaneProduct.Images;
            int some = Math.Min(LaneProduct.Images, count - first);
            float[][][] tensors = new float[some][][];
            for (int i = 0; i < some; i++)
            {
                tensors[i] = new float[last + 1][];
                tensors[i][0] = images.Slice((first + i) * length, length).ToArray();
                see(0, first + i, tensors[i][0]);
            }

            for (int layer = 0; layer < last; layer++) Run(layer, tensors, first, see);
        });
    }

    private void Run(int layer, float[][][] tensors, int first, Action<int, int, float[]> see)
    {
        TensorShape shape = _network.Shape(layer + 1);
        FloatLayer made = _network.Layers[layer];
        foreach (float[][] image in tensors) image[layer + 1] = new float[shape.Length];
        if (_products[layer] is { } product)
            product.Run(
                [.. tensors.Select(t => t[made.Inputs[0]])],
                [.. tensors.Select(t => t[layer + 1])]);
        else
            foreach (float[][] image in tensors)
                FloatForward.Run(made, _network, image, image[layer + 1], shape);
        for (int i = 0; i < tensors.Length; i++)
        {
            see(layer + 1, first + i, tensors[i][layer + 1]);
            foreach (int input in made.Inputs)
                if (_lastReader[input] == layer) tensors[i][input] = null!;
        }
    }

    /// <summary>As many as there is memory for: lanes in double, a few tensors beside.</summary>
    private int Threads()
    {
        long largest = Enumerable.Range(0, _lastReader.Length).Max(t => _network.Shape(t).Length);
        long block = largest * LaneProduct.Images * (sizeof(double) + (4 * sizeof(float)));
        return (int)Math.Clamp(MostBytes / block, 1, Environment.ProcessorCount);
    }
}
