using System.Collections.Immutable;
using System.Globalization;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Networks.Files;

/// <summary>Makes layers of a written network, one by one.</summary>
/// <param name="images">Shape of one image.</param>
/// <param name="weights">Where the weights are.</param>
internal sealed class ArchitectureBuilder(TensorShape images, WeightFile weights)
{
    private static readonly (string Type, Maker Make)[] Makers =
    [
        ("conv2d", (b, layer, name, inputs) => b.Conv(layer, name, inputs)),
        ("dense", (b, layer, name, inputs) => b.Dense(layer, name, inputs)),
        ("batch_norm", (b, layer, name, inputs) => b.BatchNorm(layer, name, inputs)),
        ("relu", (_, _, name, inputs) => new ReluLayer(name, inputs)),
        ("sigmoid", (_, _, name, inputs) => new SigmoidLayer(name, inputs)),
        ("tanh", (_, _, name, inputs) => new TanhLayer(name, inputs)),
        ("max_pool2d", (_, layer, name, inputs) => new MaxPool2dLayer(name, inputs, Pool(layer))),
        ("average_pool2d", (_, layer, name, inputs) =>
            new AveragePool2dLayer(name, inputs, Pool(layer))),
        ("global_average_pool2d", (b, _, name, inputs) =>
            new AveragePool2dLayer(name, inputs, Whole(b._shapes[inputs[0]]))),
        ("flatten", (b, layer, name, inputs) => b.Flatten(layer, name, inputs)),
        ("softmax", (_, _, name, inputs) => new SoftmaxLayer(name, inputs)),
        ("add", (_, _, name, inputs) => new AddLayer(name, inputs)),
        ("concat", (_, _, name, inputs) => new ConcatLayer(name, inputs)),
    ];

    /// <summary>Those that read several tensors.</summary>
    private static readonly string[] Joining = ["add", "concat"];

    private readonly List<FloatLayer> _layers = [];
    private readonly List<TensorShape> _shapes = [images];
    private readonly WrittenNames _names = new(Joining);

    private delegate FloatLayer Maker(
        ArchitectureBuilder build, MapNode layer, string name, ImmutableArray<int> inputs);

    /// <summary>The layer types that a file may name.</summary>
    public static IReadOnlyList<string> Types { get; } = [.. Makers.Select(m => m.Type)];

    /// <summary>The layers so far.</summary>
    public IReadOnlyList<FloatLayer> Layers => _layers;

    /// <summary>Adds a layer.</summary>
    /// <exception cref="InputException">
    /// It does not fit the layers before it, or its weights do not fit it.
    /// </exception>
    public void Add(MapNode layer)
    {
        string type = layer.Text("type")!;
        string name = _names.Of(layer);
        ImmutableArray<int> inputs = _names.Inputs(layer, _layers.Count);
        try
        {
            FloatLayer made =
                Makers.First(m => m.Type == type).Make(this, layer, name, inputs);
            TensorShape shape = made.OutputShape([.. inputs.Select(i => _shapes[i])]);
            if (shape.Length < 1)
                throw new ArgumentException($"makes {shape} of {_shapes[inputs[0]]}");
            _shapes.Add(shape);
            _layers.Add(made);
        }
        catch (ArgumentException e)
        {
            throw new InputException(layer.Error(e.Message));
        }

        _names.Add(layer, name, _layers.Count);
    }

    private FloatLayer Flatten(MapNode layer, string name, ImmutableArray<int> inputs) =>
        layer.Text("order") == ArchitectureKeys.ChannelsLast
            ? RearrangeLayer.ChannelsLast(name, inputs, _shapes[inputs[0]])
            : new FlattenLayer(name, inputs);

    private BatchNormLayer BatchNorm(MapNode layer, string name, ImmutableArray<int> inputs) =>
        BatchNormLayer.FromStatistics(
            name,
            inputs,
            weights.PerChannel(layer, $"{name}.weight"),
            weights.PerChannel(layer, $"{name}.bias"),
            weights.PerChannel(layer, $"{name}.running_mean"),
            weights.PerChannel(layer, $"{name}.running_var"),
            layer.Text("epsilon") is { } e
                ? double.Parse(e, CultureInfo.InvariantCulture)
                : 1e-5);

    private Conv2dLayer Conv(MapNode layer, string name, ImmutableArray<int> inputs)
    {
        (float[] weight, int[] shape) = weights.Get(layer, $"{name}.weight", 4);
        WindowGeometry window = Window(layer, [shape[2], shape[3]], [1, 1]) with
        {
            Groups = int.Parse(layer.Text("groups") ?? "1", CultureInfo.InvariantCulture),
        };
        return new(name, inputs, shape[0], window, weight, Bias(layer, name, shape[0]));
    }

    private DenseLayer Dense(MapNode layer, string name, ImmutableArray<int> inputs)
    {
        (float[] weight, int[] shape) = weights.Get(layer, $"{name}.weight", 2);
        return new(name, inputs, shape[0], weight, Bias(layer, name, shape[0]));
    }

    private float[] Bias(MapNode layer, string name, int channels)
    {
        float[] bias = weights.Find(layer, $"{name}.bias", 1)?.Values ?? new float[channels];
        return bias.Length == channels
            ? bias
            : throw new InputException(
                layer.Error($"'{name}.bias' has {bias.Length} values for {channels} channels"));
    }

    internal static WindowGeometry Pool(MapNode layer)
    {
        int[] kernel = Numbers(layer, "kernel", []);
        return Window(layer, kernel, kernel);
    }

    internal static WindowGeometry Whole(TensorShape shape) =>
        new(shape.Rows, shape.Columns, shape.Rows, shape.Columns);

    internal static WindowGeometry Window(MapNode layer, int[] kernel, int[] usualStride)
    {
        int[] stride = Numbers(layer, "stride", usualStride),
            dilation = Numbers(layer, "dilation", [1, 1]);
        int[] padding = Numbers(layer, "padding", [0, 0, 0, 0]);
        return new(
            kernel[0], kernel[1], stride[0], stride[1], padding[0], padding[1], padding[2],
            padding[3], dilation[0], dilation[1]);
    }

    internal static int[] Numbers(MapNode layer, string key, int[] usual)
    {
        int[] numbers = layer[key] is ListNode list ? ArchitectureDocument.Numbers(list) : usual;
        int count = ArchitectureKeys.Windows[key];
        if (numbers.Length == count) return numbers;
        string found = numbers.Length == 0 ? $"'{key}' is missing" : $"{numbers.Length} numbers";
        throw new InputException(
            (layer[key] ?? layer).Error($"{found} (supported: one, or {count})"));
    }
}
