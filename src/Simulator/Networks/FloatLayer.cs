using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>One layer of a float network. Concrete layers are the records beside this one.</summary>
/// <param name="Name">Unique in its network; profiles refer to layers by it.</param>
/// <param name="Inputs">Tensors it reads: 0 is the network's input, i + 1 the output of layer i.</param>
public abstract record FloatLayer(string Name, ImmutableArray<int> Inputs)
{
    /// <summary>The name of the layer type in profiles, as in <c>conv2d</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Shape of the output for inputs of the given shapes.</summary>
    /// <exception cref="ArgumentException">The shapes do not fit this layer.</exception>
    public abstract TensorShape OutputShape(IReadOnlyList<TensorShape> inputs);

    /// <summary>Arrays that training changes, in a fixed order; empty for most layers.</summary>
    public virtual IReadOnlyList<float[]> Parameters => [];

    /// <summary>An exception that says which layer cannot take which shape.</summary>
    protected ArgumentException Unfit(TensorShape shape, string why) =>
        new($"layer '{Name}' ({Kind}) cannot take a {shape} input: {why}");
}

/// <summary>Convolution: cross-correlation, as every framework has it.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="OutputChannels">Number of filters.</param>
/// <param name="Geometry">The window.</param>
/// <param name="Weight">[output channel][input channel / groups][kernel row][kernel column].</param>
/// <param name="Bias">One per output channel.</param>
public sealed record Conv2dLayer(
    string Name,
    ImmutableArray<int> Inputs,
    int OutputChannels,
    WindowGeometry Geometry,
    float[] Weight,
    float[] Bias) : FloatLayer(Name, Inputs)
{
    /// <inheritdoc/>
    public override string Kind => Geometry.Groups > 1 ? "depthwise_conv2d" : "conv2d";

    /// <inheritdoc/>
    public override IReadOnlyList<float[]> Parameters => [Weight, Bias];

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs)
    {
        TensorShape input = inputs[0];
        int groups = Geometry.Groups;
        if (input.Channels % groups != 0 || OutputChannels % groups != 0)
            throw Unfit(input, $"channels do not divide into {groups} groups");
        int depth = input.Channels / groups * Geometry.KernelRows * Geometry.KernelColumns;
        if (Weight.Length != OutputChannels * depth)
            throw Unfit(input, $"{Weight.Length} weights where {OutputChannels} x {depth} are needed");
        TensorShape output = new(
            OutputChannels, Geometry.OutputRows(input.Rows), Geometry.OutputColumns(input.Columns));
        if (output.Positions == 0) throw Unfit(input, "the window is larger than the padded image");
        return output;
    }
}

/// <summary>Fully connected layer on a flat tensor.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor of shape Nx1x1.</param>
/// <param name="OutputFeatures">Number of outputs.</param>
/// <param name="Weight">[output][input].</param>
/// <param name="Bias">One per output.</param>
public sealed record DenseLayer(
    string Name, ImmutableArray<int> Inputs, int OutputFeatures, float[] Weight, float[] Bias)
    : FloatLayer(Name, Inputs)
{
    /// <inheritdoc/>
    public override string Kind => "dense";

    /// <inheritdoc/>
    public override IReadOnlyList<float[]> Parameters => [Weight, Bias];

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs)
    {
        if (inputs[0].Positions != 1) throw Unfit(inputs[0], "flatten it first");
        if (Weight.Length != OutputFeatures * inputs[0].Channels)
            throw Unfit(inputs[0], $"{Weight.Length} weights where {OutputFeatures} x {inputs[0].Channels} are needed");
        return new(OutputFeatures);
    }
}

/// <summary><c>max(x, 0)</c>.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
public sealed record ReluLayer(string Name, ImmutableArray<int> Inputs) : FloatLayer(Name, Inputs)
{
    /// <inheritdoc/>
    public override string Kind => "relu";

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) => inputs[0];
}

/// <summary>Maximum over a window.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Geometry">The window; padding never wins.</param>
public sealed record MaxPool2dLayer(string Name, ImmutableArray<int> Inputs, WindowGeometry Geometry)
    : FloatLayer(Name, Inputs)
{
    /// <inheritdoc/>
    public override string Kind => "max_pool2d";

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) => inputs[0] with
    {
        Rows = Geometry.OutputRows(inputs[0].Rows),
        Columns = Geometry.OutputColumns(inputs[0].Columns),
    };
}

/// <summary>Mean over a window, padding left out.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Geometry">The window.</param>
public sealed record AveragePool2dLayer(string Name, ImmutableArray<int> Inputs, WindowGeometry Geometry)
    : FloatLayer(Name, Inputs)
{
    /// <inheritdoc/>
    public override string Kind => "average_pool2d";

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) => inputs[0] with
    {
        Rows = Geometry.OutputRows(inputs[0].Rows),
        Columns = Geometry.OutputColumns(inputs[0].Columns),
    };
}

/// <summary>Channels, rows, columns in one line (channel slowest).</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
public sealed record FlattenLayer(string Name, ImmutableArray<int> Inputs) : FloatLayer(Name, Inputs)
{
    /// <inheritdoc/>
    public override string Kind => "flatten";

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) => new(inputs[0].Length);
}
