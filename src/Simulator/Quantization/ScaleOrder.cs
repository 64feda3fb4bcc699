namespace QSim.Simulator.Quantization;

/// <summary>
/// In which order a toolchain computes a requantization's scale from the scales of input x, weight
/// w and output y: the float32 scale of <c>real</c>, or the ratio that a multiplier is made of. The
/// orders differ in the last bit of a float32, and so in outputs that lie at a tie: each is a fact
/// about a piece of software.
/// </summary>
internal enum ScaleOrder
{
    /// <summary>
    /// <c>x * w / y</c> in float64; a float32 scale is rounded once. TensorFlow Lite, where weights
    /// have a scale per channel.
    /// </summary>
    Double,

    /// <summary>
    /// <c>float32(float32(x * w) / y)</c>: ONNX Runtime, and what TensorFlow Lite makes the
    /// multiplier of a product of two tensors (MUL) of.
    /// </summary>
    Divide,

    /// <summary>
    /// <c>float32(x * w) / y</c>, the quotient in float64: TensorFlow Lite's dense layers, where
    /// weights share a scale. As a float32 it is that of <see cref="Divide"/>, for rounding a
    /// float64 quotient of float32 numbers gives the nearest float32 quotient.
    /// </summary>
    Product,

    /// <summary><c>float32(float32(w * x) * float32(1 / y))</c>: PyTorch's QNNPACK.</summary>
    Reciprocal,

    /// <summary>
    /// <c>float32(float32(1 / y) / float32(float32(1 / x) * float32(1 / w)))</c>: oneDNN's callers
    /// (ideep, PyTorch).
    /// </summary>
    Reciprocals,
}

/// <summary>The scale that each <see cref="ScaleOrder"/> gives.</summary>
internal static class RequantizationScale
{
    /// <summary>Orders under the names that profiles and conformance files use.</summary>
    public static IReadOnlyList<(string Name, ScaleOrder Order)> Orders { get; } =
    [
        ("double", ScaleOrder.Double),
        ("divide", ScaleOrder.Divide),
        ("product", ScaleOrder.Product),
        ("reciprocal", ScaleOrder.Reciprocal),
        ("reciprocals", ScaleOrder.Reciprocals),
    ];

    /// <summary>Those among them that float32 scales tell apart.</summary>
    public static IReadOnlyList<(string Name, ScaleOrder Order)> OfFloat32 { get; } =
        [.. Orders.Where(o => o.Order != ScaleOrder.Product)];

    /// <summary>The scale from an accumulator step of <c>x * w</c> to an output step.</summary>
    /// <param name="order">Which order.</param>
    /// <param name="input">Step of the input.</param>
    /// <param name="weight">Step of the weight.</param>
    /// <param name="output">Step of the output.</param>
    public static float Of(ScaleOrder order, double input, double weight, double output)
    {
        // Casts to float round each operation to float32; .NET keeps no wider intermediate.
        float product = (float)input * (float)weight;
        return order switch
        {
            ScaleOrder.Double => (float)(input * weight / output),
            ScaleOrder.Divide or ScaleOrder.Product => product / (float)output,
            ScaleOrder.Reciprocal => product * (1f / (float)output),
            ScaleOrder.Reciprocals => (1f / (float)output) / InverseStep(input, weight),
            _ => throw new ArgumentOutOfRangeException(nameof(order)),
        };
    }

    /// <summary>The ratio that a multiplier is made of.</summary>
    /// <param name="order">Which order.</param>
    /// <param name="input">Step of the input.</param>
    /// <param name="weight">Step of the weight.</param>
    /// <param name="output">Step of the output.</param>
    public static double Ratio(ScaleOrder order, double input, double weight, double output) =>
        order switch
        {
            ScaleOrder.Double => input * weight / output,
            ScaleOrder.Product => (double)((float)input * (float)weight) / (float)output,
            ScaleOrder.Divide or ScaleOrder.Reciprocal or ScaleOrder.Reciprocals =>
                Of(order, input, weight, output),
        };

    /// <summary>
    /// <c>float32(float32(1 / x) * float32(1 / w))</c>: what oneDNN's callers multiply a real bias
    /// by, which stays a float32 number.
    /// </summary>
    /// <param name="input">Step of the input.</param>
    /// <param name="weight">Step of the weight.</param>
    public static float InverseStep(double input, double weight) =>
        1f / (float)input * (1f / (float)weight);
}
