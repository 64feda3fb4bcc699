using QSim.Kernels.Arithmetic;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Functions of one value between integers of 8 bits as TensorFlow Lite's kernels compute them, or
/// XNNPACK's where it has its own: entries of a table.
/// </summary>
internal static class LitertFunctions
{
    /// <summary>Scales further apart have products of more bits than theirs.</summary>
    public const float MostRatio = 1 << 22;

    private const float LeastRatio = 1 / MostRatio;
    private const int MostBits = 8;

    /// <summary>What a raw value becomes; null where they have no such function.</summary>
    /// <param name="layer">The function.</param>
    /// <param name="whose">Which library's.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="output">What it writes.</param>
    public static Func<long, (long Raw, bool Overflowed)>? Of(
        FloatLayer layer, FunctionArithmetic whose, QuantizedTensor input, QuantizedTensor output)
    {
        if (whose == FunctionArithmetic.Exact || input.Type.Bits > MostBits
            || output.Type.Bits > MostBits || output.Target.Overflow != OverflowMode.Saturate
            || (float)(input.Scale.Step / output.Scale.Step) is not (> LeastRatio and < MostRatio))
            return null;
        if (Made(layer, whose, new(input), new(output)) is not { } made) return null;
        return raw =>
        {
            long value = made((int)raw);
            long fitted = Math.Clamp(value, output.Target.Min, output.Target.Max);
            return (fitted, fitted != value);
        };
    }

    private static Func<int, long>? Made(
        FloatLayer layer, FunctionArithmetic whose, Steps from, Steps to)
    {
        Func<float, float>? own = layer switch
        {
            _ when whose != FunctionArithmetic.Xnnpack => null,
            SigmoidLayer => Sigmoid,
            TanhLayer => MathF.Tanh,
            PointLayer { Function: PointFunction.Elu, A: 1 } => Elu,
            _ => null,
        };
        if (own is not null) return Even(own, from, to);
        Func<float, float>? common = layer switch
        {
            SigmoidLayer => x => 1 / (1 + MathF.Exp(-x)),
            TanhLayer => MathF.Tanh,
            PointLayer { Function: PointFunction.Elu, A: 1 } => Elu,
            PointLayer { Function: PointFunction.Gelu } => Gelu,
            PointLayer { Function: PointFunction.GeluTanh } => GeluTanh,
            _ => null,
        };
        return common is not null
            ? Away(common, from, to)
            : LitertFixed.Of(layer, whose, (from.Step, to.Step)) is { } function
                ? raw => function(raw - from.Zero) + to.Zero
                : null;
    }

    /// <summary>LUTPopulate of TensorFlow Lite: ties go away from zero.</summary>
    private static Func<int, long> Away(Func<float, float> function, Steps from, Steps to)
    {
        float inverse = 1 / to.Step;
        return raw => Whole(MathF.Round(
            function(from.Step * (raw - from.Zero)) * inverse,
            MidpointRounding.AwayFromZero)) + to.Zero;
    }

    /// <summary>
    /// XNNPACK's unary_ukernel_quantized: ties go to even, behind the zero point.
    /// </summary>
    private static Func<int, long> Even(Func<float, float> function, Steps from, Steps to)
    {
        float inverse = 1 / to.Step;
        return raw => Whole(MathF.Round(
            (function((raw - from.Zero) * from.Step) * inverse) + to.Zero,
            MidpointRounding.ToEven));
    }

    private static long Whole(float value) =>
        (long)Math.Clamp((double)value, int.MinValue, int.MaxValue);

    private static float Sigmoid(float x)
    {
        const float Most = 100;
        if (MathF.Abs(x) > Most) return x > 0 ? 1 : 0;
        double power = Math.Exp(x);
        return (float)(power / (1 + power));
    }

    private static float Elu(float x) =>
        x < 0 ? (float)PointFunctions.Value(PointFunction.Elu, 1, 0, x) : x;

    private static float Gelu(float x)
    {
        const float RootHalf = 0.70710678f;
        return 0.5f * x * (float)(1 - PointFunctions.Erf(x * -RootHalf));
    }

    private static float GeluTanh(float x)
    {
        const float RootTwoOverPi = 0.79788456f, Cubic = 0.044715f;
        return 0.5f * x * (1 + MathF.Tanh(RootTwoOverPi * (x + (Cubic * x * x * x))));
    }

    /// <summary>A tensor's step and zero point.</summary>
    private readonly record struct Steps(float Step, int Zero)
    {
        public Steps(QuantizedTensor tensor)
            : this((float)tensor.Scale.Step, tensor.Scale.ZeroPoint)
        {
        }
    }
}
