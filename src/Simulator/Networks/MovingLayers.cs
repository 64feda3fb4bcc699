using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>
/// Values moved, repeated or left out, and zeros: transpositions, slices, explicit padding,
/// nearest-neighbour resizing, broadcasting.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Shape">Shape of the output.</param>
/// <param name="Sources">
/// For each value of the output, by [channel][row][column], the index of the input's; -1 for 0.
/// </param>
internal sealed record RearrangeLayer(
    string Name, ImmutableArray<int> Inputs, TensorShape Shape, ImmutableArray<int> Sources)
    : FloatLayer(Name, Inputs)
{
    /// <inheritdoc/>
    public override string Kind => "rearrange";

    /// <summary>
    /// A tensor in one line, position by position, its channels together: how Keras flattens, and
    /// its dense layers count.
    /// </summary>
    /// <param name="name">Unique name.</param>
    /// <param name="inputs">One tensor.</param>
    /// <param name="shape">Its shape.</param>
    public static RearrangeLayer ChannelsLast(
        string name, ImmutableArray<int> inputs, TensorShape shape) =>
        new(
            name, inputs, new(shape.Length),
            [.. Enumerable.Range(0, shape.Length).Select(i =>
                (i % shape.Channels * shape.Positions) + (i / shape.Channels))]);

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) =>
        Sources.Length == Shape.Length && Sources.All(s => s >= -1 && s < inputs[0].Length)
            ? Shape
            : throw Unfit(inputs[0], $"its sources do not fit {Shape}");
}

/// <summary>Product of two tensors of the same shape, value by value: a gate.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">Two tensors.</param>
internal sealed record MultiplyLayer(string Name, ImmutableArray<int> Inputs)
    : JoinLayer(Name, Inputs)
{
    /// <summary>
    /// Whether it stands for a quotient: the second tensor is the reciprocal of a divisor
    /// (<see cref="PointLayer.IsDivisor"/>), perhaps moved, and float32 hardware divides by that.
    /// </summary>
    public bool Divides { get; init; }

    /// <inheritdoc/>
    public override string Kind => "multiply";

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) =>
        inputs.Count == 2 && inputs[0] == inputs[1]
            ? inputs[0]
            : throw Unfit(
                inputs[^1],
                $"it multiplies two tensors of one shape, here {string.Join(" and ", inputs)}");

    /// <inheritdoc/>
    public override void Forward(IReadOnlyList<float[]> inputs, float[] output)
    {
        for (int i = 0; i < output.Length; i++) output[i] = inputs[0][i] * inputs[1][i];
    }
}
