using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>A function of one float32 number, every operation rounded to float32.</summary>
internal enum FloatFunction
{
    /// <summary>
    /// <c>1 / (1 + exp(-x))</c> as ONNX Runtime computes it where the processor has fused
    /// multiply-adds (x64 with FMA3): a quotient of two polynomials of x within -18..18, plus 1/2.
    /// </summary>
    Sigmoid,

    /// <summary><c>min(max(A x + B, 0), 1)</c>, the product rounded before the sum.</summary>
    HardSigmoid,

    /// <summary>x, below 0 <c>A x</c>.</summary>
    LeakyRelu,

    /// <summary>
    /// The hyperbolic tangent as ONNX Runtime computes it where the processor has fused
    /// multiply-adds (x64 with FMA3): a quotient of two polynomials of x within -9..9.
    /// </summary>
    Tanh,

    /// <summary>
    /// x, below 0 <c>A (exp(x) - 1)</c>, no multiply-add fused (<see cref="FloatExponential"/>).
    /// </summary>
    Elu,

    /// <summary>
    /// The error function as ONNX Runtime computes it where the processor has fused multiply-adds
    /// (<see cref="FloatErf"/>).
    /// </summary>
    Erf,

    /// <summary><c>(x / 2) (Erf(x sqrt(1/2)) + 1)</c>.</summary>
    Gelu,

    /// <summary><c>(x / 2) (Tanh(x ((c x) x + b)) + 1)</c>.</summary>
    GeluTanh,

    /// <summary>
    /// The square root; below 0 the least number, as what is no number counts in ONNX Runtime's
    /// quantizers.
    /// </summary>
    SquareRoot,
}

/// <summary>
/// The functions. Raw numbers as <see cref="OrderedFloat"/> has them; a kernel computes with
/// <see cref="Value"/>, a processor's own float32 gives the same through <see cref="Fast"/>.
/// </summary>
internal static class FloatFunctions
{
    // MLAS's logistic: the odd numerator and the even denominator, highest power first.
    private const float Far = 18, Half = 0.5f;
    private const float A9 = 4.37031012579801e-11f, A7 = 1.15627324459942e-07f,
        A5 = 6.08574864600143e-05f, A3 = 8.51377133304701e-03f, A1 = 2.48287947061529e-01f;
    private const float B10 = 6.10247389755681e-13f, B8 = 5.76102136993427e-09f,
        B6 = 6.29106785017040e-06f, B4 = 1.70198817374094e-03f, B2 = 1.16817656904453e-01f,
        B0 = 9.93151921023180e-01f;

    /// <summary>The function of a number.</summary>
    public static long Value(FloatFunction function, int a, int b, long x) =>
        function == FloatFunction.Sigmoid ? Sigmoid(x)
        : function == FloatFunction.Tanh ? FloatTanh.Value(x)
        : function == FloatFunction.Erf ? FloatErf.Value(x)
        : function == FloatFunction.Gelu ? FloatGelu.ByErf(x)
        : function == FloatFunction.GeluTanh ? FloatGelu.ByTanh(x)
        : function == FloatFunction.SquareRoot
            ? x < 0
                ? -OrderedFloat.Largest
                : OrderedFloat.Of(Binary32.SquareRoot(OrderedFloat.Number(x)))
        : function == FloatFunction.LeakyRelu
            ? x < 0 ? FloatMultiplyLayer.Product(x, a) : x
        : function == FloatFunction.Elu
            ? x < 0 ? FloatMultiplyLayer.Product(FloatExponential.LessOne(x), a) : x
        : Unit(OrderedFloat.Of(Binary32.Add(
            Binary32.Multiply(OrderedFloat.Number(a), OrderedFloat.Number(x)),
            OrderedFloat.Number(b))));

    /// <summary>
    /// The same in the processor's float32; NaN where a product or a sum is not sure to be the
    /// same (<see cref="Value"/> has it then).
    /// </summary>
    public static float Fast(FloatFunction function, float a, float b, float x) =>
        function switch
        {
            FloatFunction.Sigmoid => Sigmoid(x),
            FloatFunction.Tanh => FloatTanh.Fast(x),
            FloatFunction.Erf => FloatErf.Fast(x),
            FloatFunction.Gelu => FloatGelu.FastByErf(x),
            FloatFunction.GeluTanh => FloatGelu.FastByTanh(x),
            FloatFunction.SquareRoot => x < 0 ? -float.MaxValue : Sure(MathF.Sqrt(x)),
            FloatFunction.LeakyRelu => x < 0 ? Sure(a * x) : x,
            FloatFunction.Elu => x < 0 ? Sure(a * FloatExponential.FastLessOne(x)) : x,
            FloatFunction.HardSigmoid => Math.Min(Math.Max(Sure(Sure(a * x) + b), 0), 1),
        };

    /// <summary>NaN for what is so small or large that it may be one that kernels lack.</summary>
    public static float Sure(float value) =>
        MathF.Abs(value) is > 1e-30f and < 1e30f ? value : float.NaN;

    private static long Sigmoid(long raw)
    {
        long far = OrderedFloat.Of(Binary32.OfInteger((long)Far));
        Binary32 x = OrderedFloat.Number(raw < -far ? -far : raw > far ? far : raw);
        Binary32 square = Binary32.Multiply(x, x);
        Binary32 above = Term(Number(A9), square, A7);
        above = Term(above, square, A5);
        above = Term(above, square, A3);
        above = Binary32.Multiply(Term(above, square, A1), x);
        Binary32 below = Term(Number(B10), square, B8);
        below = Term(below, square, B6);
        below = Term(below, square, B4);
        below = Term(below, square, B2);
        below = Term(below, square, B0);
        long y = OrderedFloat.Of(Binary32.Add(Binary32.Divide(above, below), Number(Half)));
        return y < 0 ? 0 : y;
    }

    private static float Sigmoid(float value)
    {
        float x = Math.Clamp(value, -Far, Far), square = x * x;
        float above = MathF.FusedMultiplyAdd(A9, square, A7);
        above = MathF.FusedMultiplyAdd(above, square, A5);
        above = MathF.FusedMultiplyAdd(above, square, A3);
        above = MathF.FusedMultiplyAdd(above, square, A1) * x;
        float below = MathF.FusedMultiplyAdd(B10, square, B8);
        below = MathF.FusedMultiplyAdd(below, square, B6);
        below = MathF.FusedMultiplyAdd(below, square, B4);
        below = MathF.FusedMultiplyAdd(below, square, B2);
        below = MathF.FusedMultiplyAdd(below, square, B0);
        // Not cut off above: it is 1.0000001 of twenty numbers from 17.48 on.
        return Math.Max((above / below) + Half, 0);
    }

    private static Binary32 Term(Binary32 sum, Binary32 square, float next) =>
        Binary32.MultiplyAdd(sum, square, Number(next));

    private static Binary32 Number(float value) => OrderedFloat.Number(OrderedFloat.Of(value));

    private static long Unit(long raw)
    {
        long one = OrderedFloat.Of(Binary32.OfInteger(1));
        return raw < 0 ? 0 : raw > one ? one : raw;
    }
}
