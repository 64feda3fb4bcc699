using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>Channels, rows, columns in one line (channel slowest).</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
internal sealed record FlattenLayer(string Name, ImmutableArray<int> Inputs)
    : FloatLayer(Name, Inputs)
{
    /// <inheritdoc/>
    public override string Kind => "flatten";

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) =>
        new(inputs[0].Length);
}

/// <summary>Sum of two tensors of the same shape: a residual connection.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">Two tensors.</param>
internal sealed record AddLayer(string Name, ImmutableArray<int> Inputs) : JoinLayer(Name, Inputs)
{
    /// <inheritdoc/>
    public override string Kind => "add";

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) =>
        inputs.Count == 2 && inputs[0] == inputs[1]
            ? inputs[0]
            : throw Unfit(
                inputs[^1],
                $"it adds two tensors of one shape, here {string.Join(" and ", inputs)}");

    /// <inheritdoc/>
    public override void Forward(IReadOnlyList<float[]> inputs, float[] output)
    {
        for (int i = 0; i < output.Length; i++) output[i] = inputs[0][i] + inputs[1][i];
    }
}

/// <summary>Tensors of the same rows and columns behind one another along the channels.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">At least two tensors.</param>
internal sealed record ConcatLayer(string Name, ImmutableArray<int> Inputs)
    : JoinLayer(Name, Inputs)
{
    /// <inheritdoc/>
    public override string Kind => "concat";

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs)
    {
        TensorShape first = inputs[0];
        if (inputs.Count < 2 || inputs.Any(s => s.Rows != first.Rows || s.Columns != first.Columns))
            throw Unfit(
                inputs[^1], $"rows and columns have to agree, here {string.Join(" and ", inputs)}");
        long channels = inputs.Sum(s => (long)s.Channels);
        return channels <= Sizes.MostExtent
            ? first with { Channels = (int)channels }
            : throw Unfit(inputs[^1], $"{channels} channels (at most {Sizes.MostExtent})");
    }

    /// <inheritdoc/>
    public override void Forward(IReadOnlyList<float[]> inputs, float[] output)
    {
        int at = 0;
        foreach (float[] input in inputs)
        {
            input.CopyTo(output, at);
            at += input.Length;
        }
    }
}
