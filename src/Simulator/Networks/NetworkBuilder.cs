using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>
/// Writes down a chain of layers, parameters zero until they are initialised or loaded. Layers are
/// named by type and number, as in <c>conv1</c>.
/// </summary>
/// <example><c>new NetworkBuilder("small", new(1, 8, 8)).Conv(8, 3, padding: 1).Relu().MaxPool(2)
/// .Flatten().Dense(10).Build()</c></example>
internal sealed class NetworkBuilder(string name, TensorShape input)
{
    private readonly ImmutableArray<FloatLayer>.Builder _layers =
        ImmutableArray.CreateBuilder<FloatLayer>();
    private readonly Dictionary<string, int> _numbers = [];
    private readonly List<TensorShape> _shapes = [input];

    /// <summary>A square convolution.</summary>
    /// <param name="channels">Output channels.</param>
    /// <param name="kernel">Rows and columns of the kernel.</param>
    /// <param name="stride">Stride in both directions.</param>
    /// <param name="padding">Padding on all four sides.</param>
    /// <param name="groups">Groups of channels that do not mix.</param>
    public NetworkBuilder Conv(
        int channels, int kernel, int stride = 1, int padding = 0,
        int groups = 1) => Conv(channels, Window(kernel, stride, padding) with { Groups = groups });

    /// <summary>A convolution with any window.</summary>
    public NetworkBuilder Conv(int channels, WindowGeometry geometry)
    {
        int depth = geometry.Depth(_shapes[^1].Channels);
        return Add(
            new Conv2dLayer(
                Number("conv"), Last, channels, geometry, new float[Sizes.Weights(channels, depth)],
                new float[channels]));
    }

    /// <summary>A fully connected layer.</summary>
    public NetworkBuilder Dense(int features) =>
        Add(
            new DenseLayer(
                Number("dense"), Last, features,
                new float[Sizes.Weights(features, _shapes[^1].Channels)],
                new float[features]));

    public NetworkBuilder Relu() => Add(new ReluLayer(Number("relu"), Last));

    /// <summary>Max pooling over squares; the stride is the kernel where not given.</summary>
    public NetworkBuilder MaxPool(int kernel, int stride = 0, int padding = 0) =>
        Add(
            new MaxPool2dLayer(
                Number("pool"), Last, Window(kernel, stride > 0 ? stride : kernel, padding)));

    /// <summary>Average pooling over squares; the stride is the kernel where not given.</summary>
    public NetworkBuilder AveragePool(int kernel, int stride = 0, int padding = 0) =>
        Add(
            new AveragePool2dLayer(
                Number("pool"), Last, Window(kernel, stride > 0 ? stride : kernel, padding)));

    /// <summary>Rows and columns into features.</summary>
    public NetworkBuilder Flatten() => Add(new FlattenLayer(Number("flatten"), Last));

    /// <summary>The network.</summary>
    /// <exception cref="ArgumentException">There is no layer.</exception>
    public FloatNetwork Build() => new(name, _shapes[0], _layers.ToImmutable());

    private ImmutableArray<int> Last => [_layers.Count];

    private static WindowGeometry Window(int kernel, int stride, int padding) =>
        new(kernel, kernel, stride, stride, padding, padding, padding, padding);

    private string Number(string kind)
    {
        _numbers[kind] = _numbers.GetValueOrDefault(kind) + 1;
        return $"{kind}{_numbers[kind]}";
    }

    private NetworkBuilder Add(FloatLayer layer)
    {
        _shapes.Add(layer.OutputShape([_shapes[^1]]));
        _layers.Add(layer);
        return this;
    }
}
