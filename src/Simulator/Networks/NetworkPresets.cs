namespace QSim.Simulator.Networks;

/// <summary>
/// Networks that can be named instead of described; untrained, all parameters zero.
/// </summary>
public static class NetworkPresets
{
    private static readonly Dictionary<string, Func<FloatNetwork>> Presets = new()
    {
        ["digits-cnn"] = DigitsCnn,
        ["mlp"] = Mlp,
        ["lenet5"] = LeNet5,
    };

    /// <summary>The names that <see cref="Create"/> knows.</summary>
    public static IReadOnlyCollection<string> Names => Presets.Keys;

    /// <summary>A preset by name.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static FloatNetwork Create(string name) =>
        Presets.TryGetValue(name, out Func<FloatNetwork>? create)
            ? create()
            : throw new ArgumentException(
                $"no preset network '{name}' (known: {string.Join(", ", Names)})");

    /// <summary>For 8x8 digits: two 3x3 convolutions with pooling, one hidden layer.</summary>
    public static FloatNetwork DigitsCnn() => new NetworkBuilder("digits-cnn", new(1, 8, 8))
        .Conv(8, 3, padding: 1).Relu()
        .Conv(16, 3, padding: 1).Relu().MaxPool(2)
        .Flatten().Dense(32).Relu().Dense(10).Build();

    /// <summary>784-100-10, for 28x28 images.</summary>
    public static FloatNetwork Mlp() => new NetworkBuilder("mlp", new(1, 28, 28))
        .Flatten().Dense(100).Relu().Dense(10).Build();

    /// <summary>
    /// LeNet-5 for 28x28 images (LeCun et al. 1998) as it is commonly built today: ReLU and max
    /// pooling, padded first layer, 61,706 parameters.
    /// </summary>
    public static FloatNetwork LeNet5() => new NetworkBuilder("lenet5", new(1, 28, 28))
        .Conv(6, 5, padding: 2).Relu().MaxPool(2)
        .Conv(16, 5).Relu().MaxPool(2)
        .Flatten().Dense(120).Relu().Dense(84).Relu().Dense(10).Build();
}
