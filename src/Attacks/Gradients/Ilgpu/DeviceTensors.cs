using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// Room on a device for the tensors of some blocks of images, values and gradients, and the stream
/// on which layers queue.
/// </summary>
internal sealed class DeviceTensors : IDisposable
{
    private const int Margins = 2 * RowEdges.Margin;

    private readonly FloatNetwork _network;
    private readonly DeviceSession _session;
    private readonly List<IDisposable> _memory = [];

    /// <summary>Takes the memory.</summary>
    /// <param name="network">The network.</param>
    /// <param name="homes">In whose memory each tensor lies.</param>
    /// <param name="session">The device.</param>
    /// <param name="capacity">Most blocks of images.</param>
    public DeviceTensors(
        FloatNetwork network, int[] homes, DeviceSession session, int capacity)
    {
        (_network, _session, Capacity) = (network, session, capacity);
        Kernels = GradientKernels.Of(session);
        int tensors = network.Layers.Length + 1;
        (Values, Gradients) = (new ArrayView<float>[tensors], new ArrayView<float>[tensors]);
        (WideValues, WideGradients) =
            (new ArrayView<float>[tensors], new ArrayView<float>[tensors]);
        (Winners, WideWinners) = (new ArrayView<byte>[tensors], new ArrayView<byte>[tensors]);
        try
        {
            for (int t = 0; t < tensors; t++)
            {
                int home = homes[t];
                long length = PerBlock(t) * (long)capacity;
                if (IsPooled(network, t))
                {
                    WideWinners[t] = Room<byte>(length + Margins);
                    Winners[t] = WideWinners[t].SubView(RowEdges.Margin, length);
                }

                WideValues[t] = home < t ? WideValues[home] : Room<float>(length + Margins);
                WideGradients[t] = home < t ? WideGradients[home] : Room<float>(length + Margins);
                Values[t] = WideValues[t].SubView(RowEdges.Margin, length);
                Gradients[t] = WideGradients[t].SubView(RowEdges.Margin, length);
            }

            Hosted = Room<float>(LargestPerBlock(network) * (long)capacity);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Launchers.</summary>
    public GradientKernels Kernels { get; }

    /// <summary>Where layers queue.</summary>
    public AcceleratorStream Stream => _session.Accelerator.DefaultStream;

    /// <summary>Most blocks.</summary>
    public int Capacity { get; }

    /// <summary>How many blocks are in use.</summary>
    public int Blocks { get; set; }

    /// <summary>How many images these are, those that are not there included.</summary>
    public int Images => Blocks * ImageBlocks.Lanes;

    /// <summary>By tensor: 0 the image, i + 1 the output of layer i.</summary>
    public ArrayView<float>[] Values { get; }

    /// <summary>By tensor, d loss / d value.</summary>
    public ArrayView<float>[] Gradients { get; }

    /// <summary>The same with the <see cref="RowEdges.Margin"/> about each.</summary>
    public ArrayView<float>[] WideValues { get; }

    /// <summary>The same of gradients.</summary>
    public ArrayView<float>[] WideGradients { get; }

    /// <summary>
    /// By tensor that is a maximum: <see cref="Quad.Code"/> of each value, where that is noted.
    /// </summary>
    public ArrayView<byte>[] Winners { get; }

    /// <summary>The same with the <see cref="RowEdges.Margin"/> about each.</summary>
    public ArrayView<byte>[] WideWinners { get; }

    /// <summary>
    /// Room for a tensor as the host has it, image by image, or for what a layer needs by itself.
    /// </summary>
    public ArrayView<float> Hosted { get; }

    /// <summary>Values of a tensor, lanes without an image included.</summary>
    public int Length(int tensor) => PerBlock(tensor) * Blocks;

    /// <summary>Floats that no image has, whatever their number.</summary>
    public static long FloatsBeside(FloatNetwork network) =>
        (2L * (network.Layers.Length + 1) * Margins)
        + (Pooled(network).Count() * (long)Margins / sizeof(float));

    /// <summary>Floats that a block of a network's images takes.</summary>
    public static long FloatsPerBlock(FloatNetwork network) =>
        (Enumerable.Range(0, network.Layers.Length + 1)
            .Sum(t => 2L * network.Shape(t).Length) * ImageBlocks.Lanes)
        + (Pooled(network).Sum(t => (long)network.Shape(t).Length)
            * ImageBlocks.Lanes / sizeof(float))
        + LargestPerBlock(network);

    /// <summary>Floats that a block of the largest tensor takes.</summary>
    public static int LargestPerBlock(FloatNetwork network) =>
        Enumerable.Range(0, network.Layers.Length + 1).Max(t => network.Shape(t).Length)
        * ImageBlocks.Lanes;

    /// <summary>Brings what some images have here.</summary>
    /// <param name="tensor">Whose shape it has.</param>
    /// <param name="values">[image][value].</param>
    /// <param name="images">How many images.</param>
    /// <param name="to">Filled, in blocks.</param>
    public void Bring(int tensor, ReadOnlySpan<float> values, int images, ArrayView<float> to)
    {
        _session.Staging.Bring(Stream, values, Hosted);
        Kernels.Gather(
            Stream, Length(tensor), Hosted.SubView(0, values.Length), to,
            _network.Shape(tensor).Length, images);
    }

    /// <summary>Takes a view to the host, once all that is queued is done.</summary>
    /// <param name="tensor">Whose shape it has.</param>
    /// <param name="view">In blocks.</param>
    /// <param name="values">Filled, [image][value].</param>
    /// <param name="images">How many images.</param>
    public void Take(int tensor, ArrayView<float> view, Span<float> values, int images)
    {
        Kernels.Scatter(
            Stream, Length(tensor), view, Hosted, _network.Shape(tensor).Length, images);
        _session.Staging.Take(Stream, Hosted, values);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable memory in _memory) _session.Free(memory);
        _memory.Clear();
    }

    private int PerBlock(int tensor) => _network.Shape(tensor).Length * ImageBlocks.Lanes;

    private static IEnumerable<int> Pooled(FloatNetwork network) =>
        Enumerable.Range(0, network.Layers.Length + 1).Where(t => IsPooled(network, t));

    private static bool IsPooled(FloatNetwork network, int tensor) =>
        tensor > 0 && network.Layers[tensor - 1] is MaxPool2dLayer;

    private ArrayView<T> Room<T>(long length)
        where T : unmanaged
    {
        MemoryBuffer1D<T, Stride1D.Dense> room = _session.Allocate<T>(length);
        _memory.Add(room);
        return room.View;
    }
}
