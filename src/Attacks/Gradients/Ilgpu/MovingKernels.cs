using ILGPU;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>Layers that move values, and products of two tensors.</summary>
internal static class MovingKernels
{
    /// <summary>Values moved, repeated or left out.</summary>
    /// <param name="index">Of a value of the output.</param>
    /// <param name="from">The input.</param>
    /// <param name="sources">By value of the output, -1 for 0.</param>
    /// <param name="to">Filled.</param>
    /// <param name="inputs">Values of the input.</param>
    public static void Rearrange(
        Index1D index, ArrayView<float> from, ArrayView<int> sources, ArrayView<float> to,
        int inputs)
    {
        int length = (int)sources.Length;
        int source = sources[ImageBlocks.Value(index, length)];
        int block = index / (length * ImageBlocks.Lanes);
        int lane = index % ImageBlocks.Lanes;
        to[index] = source < 0
            ? 0
            : from[(((block * inputs) + source) * ImageBlocks.Lanes) + lane];
    }

    /// <summary>The way back: the sum over the values that read this one.</summary>
    /// <param name="index">Of a value of the input.</param>
    /// <param name="gradient">The output's gradient.</param>
    /// <param name="first">Where each input's readers begin in the list.</param>
    /// <param name="readers">Values of the output.</param>
    /// <param name="target">Filled.</param>
    /// <param name="outputs">Values of the output.</param>
    /// <param name="ending">What becomes of the sum.</param>
    public static void RearrangeGradient(
        Index1D index, ArrayView<float> gradient, ArrayView<int> first, ArrayView<int> readers,
        Target target, int outputs, Ending ending)
    {
        int length = (int)first.Length - 1;
        int value = ImageBlocks.Value(index, length);
        int block = index / (length * ImageBlocks.Lanes);
        int lane = index % ImageBlocks.Lanes;
        float sum = 0;
        for (int i = first[value]; i < first[value + 1]; i++)
            sum += gradient[(((block * outputs) + readers[i]) * ImageBlocks.Lanes) + lane];
        target.Store(index, sum, ending);
    }

    /// <summary>Product of two tensors.</summary>
    public static void Multiply(
        Index1D index, ArrayView<float> a, ArrayView<float> b, Target target, Ending ending) =>
        target.Store(index, a[index] * b[index], ending);

    /// <summary>A function of each value.</summary>
    public static void Function(
        Index1D index, ArrayView<float> from, ArrayView<float> to, PointFunction function, float a,
        float b) => to[index] = Value(function, a, b, from[index]);

    /// <summary>Its slope times the gradient.</summary>
    public static void FunctionGradient(
        Index1D index, ArrayView<float> from, ArrayView<float> gradient, Target target,
        PointConstants constants, Ending ending) =>
        target.Store(
            index,
            Slope(constants.Function, constants.A, constants.B, from[index]) * gradient[index],
            ending);

    private static float Value(PointFunction function, float a, float b, float x) =>
        function switch
        {
            PointFunction.Clip => IntrinsicMath.Min(IntrinsicMath.Max(x, a), b),
            PointFunction.LeakyRelu => x < 0 ? a * x : x,
            PointFunction.Elu => x < 0 ? a * (SmoothKernels.Exp(x) - 1) : x,
            PointFunction.Selu => b * (x < 0 ? a * (SmoothKernels.Exp(x) - 1) : x),
            PointFunction.Celu => x < 0 ? a * (SmoothKernels.Exp(x / a) - 1) : x,
            PointFunction.ThresholdedRelu => x > a ? x : 0,
            PointFunction.HardSigmoid => Unit((a * x) + b),
            PointFunction.HardSwish => x * Unit((x / 6) + 0.5f),
            PointFunction.Silu => x * Sigmoid(a * x),
            PointFunction.Gelu => x * (1 + Erf(x * RootHalf)) / 2,
            PointFunction.GeluTanh => x * Sigmoid(2 * Inner(x)),
            PointFunction.Erf => Erf(x),
            PointFunction.Softplus => Softplus(x),
            PointFunction.Softsign => x / (1 + Size(x)),
            PointFunction.Mish => x * Tanh(Softplus(x)),
            PointFunction.SquareRoot => x * InverseRoot(x),
            PointFunction.InverseRoot => InverseRoot(x + a),
            PointFunction.Reciprocal => Reciprocal(x),
            _ => Size(x),
        };

    private static float Slope(PointFunction function, float a, float b, float x) =>
        function switch
        {
            PointFunction.Clip => x > a && x < b ? 1 : 0,
            PointFunction.LeakyRelu => x > 0 ? 1 : a,
            PointFunction.Elu => x > 0 ? 1 : a * SmoothKernels.Exp(x),
            PointFunction.Selu => b * (x > 0 ? 1 : a * SmoothKernels.Exp(x)),
            PointFunction.Celu => x > 0 ? 1 : SmoothKernels.Exp(x / a),
            PointFunction.ThresholdedRelu => Step(x, a),
            PointFunction.HardSigmoid => (a * x) + b > 0 && (a * x) + b < 1 ? a : 0,
            PointFunction.HardSwish => x <= -3 ? 0 : x >= 3 ? 1 : (x / 3) + 0.5f,
            PointFunction.Silu => Sigmoid(a * x) * (1 + (a * x * (1 - Sigmoid(a * x)))),
            PointFunction.Gelu => ((1 + Erf(x * RootHalf)) / 2)
                + (x * RootHalf * SmoothKernels.Exp(-x * x / 2) * RootOneOverPi),
            PointFunction.GeluTanh => Sigmoid(2 * Inner(x))
                + (2 * x * Sigmoid(2 * Inner(x)) * (1 - Sigmoid(2 * Inner(x))) * RootTwoOverPi
                    * (1 + (3 * Cubic * x * x))),
            PointFunction.Erf => 2 * RootOneOverPi * SmoothKernels.Exp(-x * x),
            PointFunction.Softplus => Sigmoid(x),
            PointFunction.Softsign => 1 / ((1 + Size(x)) * (1 + Size(x))),
            PointFunction.Mish => Tanh(Softplus(x))
                + (x * (1 - (Tanh(Softplus(x)) * Tanh(Softplus(x)))) * Sigmoid(x)),
            PointFunction.SquareRoot => 0.5f * InverseRoot(x),
            PointFunction.InverseRoot =>
                -0.5f * InverseRoot(x + a) * InverseRoot(x + a) * InverseRoot(x + a),
            PointFunction.Reciprocal => -Reciprocal(x) * Reciprocal(x),
            _ => x > 0 ? 1 : x < 0 ? -1 : 0,
        };

    private const float RootHalf = 0.70710678f;
    private const float RootTwoOverPi = 0.79788456f;
    private const float RootOneOverPi = 0.56418958f;
    private const float Cubic = 0.044715f;

    private static float Unit(float x) => IntrinsicMath.Min(IntrinsicMath.Max(x, 0), 1);

    /// <summary>
    /// 1 above a threshold, otherwise 0. Written this way since <c>x &gt; a ? 1 : 0</c>, alone,
    /// came out as 0 everywhere on PoCL (ILGPU 1.5.3): the tests of gradients on OpenCL see it.
    /// </summary>
    private static float Step(float x, float threshold) => (x > threshold ? 2f : 1f) - 1;

    private static float Reciprocal(float x) => x == 0 ? 0 : 1 / x;

    /// <summary>
    /// Newton's steps from a first guess in the exponent; 0 where x is not above 0.
    /// </summary>
    private static float InverseRoot(float x)
    {
        float y = Interop.IntAsFloat(0x5f3759dfu - (Interop.FloatAsInt(x) >> 1));
        float half = x * 0.5f;
        y *= 1.5f - (half * y * y);
        y *= 1.5f - (half * y * y);
        y *= 1.5f - (half * y * y);
        y *= 1.5f - (half * y * y);
        return x > 0 ? y : 0;
    }

    private static float Size(float x) => x < 0 ? -x : x;

    private static float Sigmoid(float x) => 1 / (1 + SmoothKernels.Exp(-x));

    private static float Inner(float x) => RootTwoOverPi * (x + (Cubic * x * x * x));

    private static float Tanh(float x) => 1 - (2 / (1 + SmoothKernels.Exp(2 * x)));

    /// <summary>max(x, 0) and log(1 + e), e in (0, 1], as the series of twice an atanh.</summary>
    private static float Softplus(float x)
    {
        float e = SmoothKernels.Exp(-Size(x)), z = e / (2 + e), s = z * z;
        float p = (s / 13) + (1f / 11);
        p = (p * s) + (1f / 9);
        p = (p * s) + (1f / 7);
        p = (p * s) + (1f / 5);
        p = (p * s) + (1f / 3);
        return IntrinsicMath.Max(x, 0) + (2 * z * (1 + (p * s)));
    }

    /// <summary>Abramowitz and Stegun 7.1.26, to 2 parts in 10^7.</summary>
    private static float Erf(float x)
    {
        float size = Size(x), t = 1 / (1 + (0.3275911f * size));
        float p = (1.061405429f * t) - 1.453152027f;
        p = (p * t) + 1.421413741f;
        p = (p * t) - 0.284496736f;
        p = (p * t) + 0.254829592f;
        float y = 1 - (p * t * SmoothKernels.Exp(-size * size));
        return x < 0 ? -y : y;
    }
}

/// <summary>A function and its parameters. Blittable.</summary>
/// <param name="Function">Which function.</param>
/// <param name="A">Its first parameter.</param>
/// <param name="B">Its second parameter.</param>
internal readonly record struct PointConstants(PointFunction Function, float A, float B);
