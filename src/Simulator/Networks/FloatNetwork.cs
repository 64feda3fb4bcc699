using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>
/// A trained classifier in float32: layers in an order in which each comes after those it reads.
/// The last layer's output is the logits, one per class.
/// </summary>
public sealed class FloatNetwork
{
    private readonly ImmutableArray<TensorShape> _shapes;

    /// <summary>Checks names, order and shapes.</summary>
    /// <exception cref="ArgumentException">
    /// A name repeats, a layer reads a later one, or shapes do not fit.
    /// </exception>
    public FloatNetwork(string name, TensorShape input, ImmutableArray<FloatLayer> layers)
    {
        if (layers.IsEmpty) throw new ArgumentException($"network '{name}' has no layers");
        Name = name;
        Input = input;
        Layers = layers;
        _shapes = InferShapes(input, layers);
    }

    /// <summary>For messages and reports.</summary>
    public string Name { get; }

    /// <summary>
    /// Whether it says itself how it is quantized: its own scales and integers are run.
    /// </summary>
    public bool IsQuantized => Layers.Any(l => l is FakeQuantizeLayer or DynamicQuantizeLayer);

    /// <summary>Shape of one image.</summary>
    public TensorShape Input { get; }

    /// <summary>The layers.</summary>
    public ImmutableArray<FloatLayer> Layers { get; }

    /// <summary>Number of logits.</summary>
    public int Classes => _shapes[^1].Length;

    /// <summary>
    /// Shape of tensor <paramref name="index"/>: 0 is the input, i + 1 the output of layer i.
    /// </summary>
    public TensorShape Shape(int index) => _shapes[index];

    /// <summary>
    /// Numbers of its layers' own, whether training here changes them or not.
    /// </summary>
    public int ParameterCount => (int)Layers.Sum(l => l.ParameterCount);

    /// <summary>
    /// The same network with parameters of its own, to be trained without changing this one.
    /// </summary>
    public FloatNetwork Copy() => new(Name, Input, [.. Layers.Select(l => l switch
    {
        Conv2dLayer conv => conv with { Weight = [.. conv.Weight], Bias = [.. conv.Bias] },
        DenseLayer dense => dense with { Weight = [.. dense.Weight], Bias = [.. dense.Bias] },
        BatchNormLayer norm => norm with { Scale = [.. norm.Scale], Shift = [.. norm.Shift] },
        { Parameters: [] } => l,
        _ => throw new NotSupportedException(
            $"layer '{l.Name}' ({l.Kind}): its parameters are not copied"),
    })]);

    private static ImmutableArray<TensorShape> InferShapes(
        TensorShape input, ImmutableArray<FloatLayer> layers)
    {
        var shapes = ImmutableArray.CreateBuilder<TensorShape>(layers.Length + 1);
        var names = new HashSet<string>();
        shapes.Add(input);
        long values = input.Length, weights = 0;
        foreach (FloatLayer layer in layers)
        {
            if ((weights += layer.ParameterCount) > Sizes.MostWeights)
                throw new SizeException(
                    $"layer '{layer.Name}': all weights up to it are {weights} (at most "
                        + $"{Sizes.MostWeights})");
            if (!names.Add(layer.Name))
                throw new ArgumentException($"two layers are called '{layer.Name}'");
            if (layer.Inputs.Any(i => i < 0 || i >= shapes.Count))
                throw new ArgumentException(
                    $"layer '{layer.Name}' reads a tensor that does not exist before it");
            shapes.Add(layer.OutputShape([.. layer.Inputs.Select(i => shapes[i])]));
            if (Sizes.WhyNot(shapes[^1]) is { } large)
                throw new SizeException($"layer '{layer.Name}': {large}");
            if ((values += shapes[^1].Length) > Sizes.MostNetworkValues)
                throw new SizeException(
                    $"layer '{layer.Name}': all tensors up to it hold {values} values (at most "
                        + $"{Sizes.MostNetworkValues})");
        }

        return shapes.MoveToImmutable();
    }
}
