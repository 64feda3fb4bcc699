using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary><c>max(x, 0)</c>.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
internal sealed record ReluLayer(string Name, ImmutableArray<int> Inputs) : FloatLayer(Name, Inputs)
{
    /// <inheritdoc/>
    public override string Kind => "relu";

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) => inputs[0];
}

/// <summary><c>1 / (1 + exp(-x))</c>.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
internal sealed record SigmoidLayer(string Name, ImmutableArray<int> Inputs)
    : FloatLayer(Name, Inputs)
{
    /// <inheritdoc/>
    public override string Kind => "sigmoid";

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) => inputs[0];
}

/// <summary>Hyperbolic tangent.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
internal sealed record TanhLayer(string Name, ImmutableArray<int> Inputs) : FloatLayer(Name, Inputs)
{
    /// <inheritdoc/>
    public override string Kind => "tanh";

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) => inputs[0];
}

/// <summary><c>exp(x_i) / sum_j exp(x_j)</c> over the features of a flat tensor.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor of shape Nx1x1.</param>
internal sealed record SoftmaxLayer(string Name, ImmutableArray<int> Inputs)
    : FloatLayer(Name, Inputs)
{
    /// <inheritdoc/>
    public override string Kind => "softmax";

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) =>
        inputs[0].Positions == 1 ? inputs[0] : throw Unfit(inputs[0], "flatten it first");
}
