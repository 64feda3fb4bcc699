using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>
/// Batch normalisation as inference runs it: <c>y = scale * x + shift</c> per channel, with
/// <c>scale = gamma / sqrt(variance + epsilon)</c> and <c>shift = beta - mean * scale</c>.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Scale">One per channel.</param>
/// <param name="Shift">One per channel.</param>
internal sealed record BatchNormLayer(
    string Name, ImmutableArray<int> Inputs, float[] Scale,
    float[] Shift) : FloatLayer(Name, Inputs)
{
    /// <summary>
    /// From what a framework stores: four arrays with one value per channel, and its epsilon.
    /// </summary>
    /// <exception cref="ArgumentException">They are not as many as each other.</exception>
    public static BatchNormLayer FromStatistics(
        string name, ImmutableArray<int> inputs, float[] gamma, float[] beta, float[] mean,
        float[] variance, double epsilon = 1e-5)
    {
        if (beta.Length != gamma.Length
            || mean.Length != gamma.Length
            || variance.Length != gamma.Length)
            throw new ArgumentException(
                $"layer '{name}' (batch_norm): {gamma.Length} weights, {beta.Length} biases, "
                    + $"{mean.Length} means and {variance.Length} variances, which have to be as "
                    + "many");
        float[] scale = [.. gamma.Select((g, c) => (float)(g / Math.Sqrt(variance[c] + epsilon)))];
        float[] shift = [.. beta.Select((b, c) => (float)(b - ((double)mean[c] * scale[c])))];
        return new(name, inputs, scale, shift);
    }

    /// <summary>
    /// How the library that the network came with computes it in float32; null where that is not
    /// known.
    /// </summary>
    public FloatConstants? Float32 { get; init; }

    /// <inheritdoc/>
    public override string Kind => "batch_norm";

    /// <inheritdoc/>
    public override IReadOnlyList<float[]> Parameters => [Scale, Shift];

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) =>
        Scale.Length == inputs[0].Channels && Shift.Length == inputs[0].Channels
            ? inputs[0]
            : throw Unfit(
                inputs[0],
                $"{Scale.Length} scales and {Shift.Length} shifts for {inputs[0].Channels} channels"
            );
}
