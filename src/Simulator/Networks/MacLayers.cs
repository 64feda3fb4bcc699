using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>Convolution: cross-correlation, as every framework has it.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="OutputChannels">Number of filters.</param>
/// <param name="Geometry">The window.</param>
/// <param name="Weight">
/// [output channel][input channel / groups][kernel row][kernel column].
/// </param>
/// <param name="Bias">One per output channel.</param>
internal sealed record Conv2dLayer(
    string Name, ImmutableArray<int> Inputs, int OutputChannels, WindowGeometry Geometry,
    float[] Weight, float[] Bias) : FloatLayer(Name, Inputs)
{
    /// <summary>The integers that its weights are, where they were quantized before.</summary>
    public OwnWeights? Own { get; init; }

    /// <summary>
    /// Of one that stands for a batch norm, how the library that the network came with computes
    /// that in float32; null where it is a convolution, or that is not known.
    /// </summary>
    public FloatConstants? Float32 { get; init; }

    /// <summary>
    /// Of one that sums products of two tensors, how the library that the network came with sums
    /// them in float32; null of others, or where that is not known.
    /// </summary>
    public FloatProductSum? Products { get; init; }

    /// <summary>What is known of its float32 numbers; null for nothing.</summary>
    public FloatMac? Numbers { get; init; }

    /// <summary>Of one that stands for a bilinear Resize, what is known of how it blends; null of
    /// others.</summary>
    public Resizing? Resizing { get; init; }

    /// <inheritdoc/>
    public override string Kind => Geometry.Groups > 1 ? "depthwise_conv2d" : "conv2d";

    /// <inheritdoc/>
    public override IReadOnlyList<float[]> Parameters => [Weight, Bias];

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs)
    {
        TensorShape input = inputs[0];
        int groups = Geometry.Groups;
        if (WindowBounds.WhyNot(Geometry, input, OutputChannels) is { } problem)
            throw Unfit(input, problem);
        if (input.Channels % groups != 0 || OutputChannels % groups != 0)
            throw Unfit(input, $"channels do not divide into {groups} groups");
        int depth = Geometry.Depth(input.Channels);
        if (Weight.Length != (long)OutputChannels * depth || Bias.Length != OutputChannels)
            throw Unfit(
                input, $"{Weight.Length} weights where {OutputChannels} x {depth} are needed");
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
internal sealed record DenseLayer(
    string Name, ImmutableArray<int> Inputs, int OutputFeatures, float[] Weight, float[] Bias)
    : FloatLayer(Name, Inputs)
{
    /// <summary>The integers that its weights are, where they were quantized before.</summary>
    public OwnWeights? Own { get; init; }

    /// <summary>What is known of its float32 numbers; null for nothing.</summary>
    public FloatMac? Numbers { get; init; }

    /// <inheritdoc/>
    public override string Kind => "dense";

    /// <inheritdoc/>
    public override IReadOnlyList<float[]> Parameters => [Weight, Bias];

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs)
    {
        if (inputs[0].Positions != 1) throw Unfit(inputs[0], "flatten it first");
        if (Weight.Length != (long)OutputFeatures * inputs[0].Channels
            || Bias.Length != OutputFeatures)
            throw Unfit(
                inputs[0],
                $"{Weight.Length} weights where {OutputFeatures} x {inputs[0].Channels} are needed"
            );
        return new(OutputFeatures);
    }
}
