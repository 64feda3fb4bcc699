using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>
/// ONNX's LayerNormalization where a quantized network leaves it in float32: each channel less its
/// mean, over its standard deviation, times a factor and plus an addend for each position.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Scale">A factor for each position.</param>
/// <param name="Shift">An addend for each position.</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Sum">In which order ONNX Runtime sums it (<see cref="FloatNorm"/>).</param>
internal sealed record LayerNormLayer(
    string Name, ImmutableArray<int> Inputs, float[] Scale, float[] Shift, float Epsilon,
    FloatNormSum Sum) : FloatLayer(Name, Inputs)
{
    /// <inheritdoc/>
    public override string Kind => "layer_norm";

    /// <inheritdoc/>
    internal override long ParameterCount => Scale.Length + Shift.Length;

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) =>
        Scale.Length == inputs[0].Positions && Shift.Length == Scale.Length
            ? inputs[0]
            : throw Unfit(
                inputs[0], $"{Scale.Length} factors and {Shift.Length} addends for "
                    + $"{inputs[0].Positions} positions");

    /// <summary>One channel.</summary>
    /// <param name="row">Its values; <paramref name="stride"/> apart.</param>
    /// <param name="output">Filled.</param>
    /// <param name="stride">Distance of values.</param>
    public void Forward(ReadOnlySpan<float> row, Span<float> output, int stride = 1)
    {
        (double mean, double inverse) = Moments(row, stride);
        for (int i = 0; i < Scale.Length; i++)
            output[i * stride] = (float)(
                ((row[i * stride] - mean) * inverse * Scale[i]) + Shift[i]);
    }

    /// <summary>
    /// The gradient of one channel: <c>dx = (g - mean(g) - unit mean(g unit)) / deviation</c> of
    /// <c>g = dy Scale</c>.
    /// </summary>
    /// <param name="row">Its values.</param>
    /// <param name="dy">The output's gradient.</param>
    /// <param name="dx">Filled.</param>
    /// <param name="adds">Whether the gradient is added to what is there.</param>
    /// <param name="stride">Distance of values.</param>
    public void Backward(
        ReadOnlySpan<float> row, ReadOnlySpan<float> dy, Span<float> dx, bool adds, int stride = 1)
    {
        (double mean, double inverse) = Moments(row, stride);
        double sum = 0, product = 0;
        for (int i = 0; i < Scale.Length; i++)
        {
            double g = (double)dy[i * stride] * Scale[i];
            sum += g;
            product += g * (row[i * stride] - mean) * inverse;
        }

        for (int i = 0; i < Scale.Length; i++)
        {
            double g = (double)dy[i * stride] * Scale[i];
            double unit = (row[i * stride] - mean) * inverse;
            dx[i * stride] = (adds ? dx[i * stride] : 0) + (float)(
                (g - ((sum + (unit * product)) / Scale.Length)) * inverse);
        }
    }

    private (double Mean, double Inverse) Moments(ReadOnlySpan<float> row, int stride)
    {
        double mean = 0, squares = 0;
        for (int i = 0; i < Scale.Length; i++) mean += row[i * stride];
        mean /= Scale.Length;
        for (int i = 0; i < Scale.Length; i++)
            squares += (row[i * stride] - mean) * (row[i * stride] - mean);
        return (mean, 1 / Math.Sqrt((squares / Scale.Length) + Epsilon));
    }
}
