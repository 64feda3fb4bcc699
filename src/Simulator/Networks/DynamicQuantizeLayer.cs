using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>
/// ONNX's DynamicQuantizeLinear and back again: every value becomes the nearest of the 256 that a
/// scale and a zero point found in this image's values hold. The gradient passes straight through,
/// for no value lies outside of them.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
internal sealed record DynamicQuantizeLayer(string Name, ImmutableArray<int> Inputs)
    : FloatLayer(Name, Inputs)
{
    /// <inheritdoc/>
    public override string Kind => "dynamic_quantize";

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) => inputs[0];

    /// <summary>The values of one image; both may be the same memory.</summary>
    public static void Apply(ReadOnlySpan<float> values, Span<float> output)
    {
        float least = 0, largest = 0;
        foreach (float value in values)
            (least, largest) = (Math.Min(least, value), Math.Max(largest, value));
        (float Step, int Zero) scale = Scale(least, largest);
        for (int i = 0; i < output.Length; i++) output[i] = Nearest(values[i], scale);
    }

    /// <summary>The scale of values, both ends of their range given.</summary>
    public static (float Step, int Zero) Scale(float least, float largest)
    {
        var scale = DynamicScale.Of(OrderedFloat.Of(least), OrderedFloat.Of(largest));
        return (OrderedFloat.Value(OrderedFloat.Of(scale.Step)), scale.Zero);
    }

    /// <summary>The nearest value of a scale.</summary>
    public static float Nearest(float value, (float Step, int Zero) scale) => scale.Step == 0
        ? value
        : scale.Step * Math.Clamp(
            MathF.Round(value / scale.Step), -scale.Zero, byte.MaxValue - scale.Zero);
}
