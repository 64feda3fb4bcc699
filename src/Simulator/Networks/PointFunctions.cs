namespace QSim.Simulator.Networks;

/// <summary>
/// Functions of one value, with up to two parameters A and B. Names are the words of profiles and
/// network files; formulas are ONNX's.
/// </summary>
internal enum PointFunction
{
    /// <summary><c>min(max(x, A), B)</c>; ReLU6 has 0 and 6.</summary>
    Clip,

    /// <summary>x, below 0 <c>A x</c>.</summary>
    LeakyRelu,

    /// <summary>x, below 0 <c>A (exp(x) - 1)</c>.</summary>
    Elu,

    /// <summary><c>B x</c>, below 0 <c>B A (exp(x) - 1)</c>.</summary>
    Selu,

    /// <summary>x, below 0 <c>A (exp(x / A) - 1)</c>.</summary>
    Celu,

    /// <summary>x above A, else 0.</summary>
    ThresholdedRelu,

    /// <summary><c>min(max(A x + B, 0), 1)</c>.</summary>
    HardSigmoid,

    /// <summary><c>x min(max(x / 6 + 1 / 2, 0), 1)</c>.</summary>
    HardSwish,

    /// <summary><c>x / (1 + exp(-A x))</c>; Silu and Swish have A = 1.</summary>
    Silu,

    /// <summary><c>x (1 + erf(x / sqrt 2)) / 2</c>.</summary>
    Gelu,

    /// <summary><c>x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2</c>.</summary>
    GeluTanh,

    /// <summary>The error function.</summary>
    Erf,

    /// <summary><c>log(1 + exp(x))</c>.</summary>
    Softplus,

    /// <summary><c>x / (1 + |x|)</c>.</summary>
    Softsign,

    /// <summary><c>x tanh(log(1 + exp(x)))</c>.</summary>
    Mish,

    /// <summary>|x|.</summary>
    Abs,

    /// <summary>The square root; 0 below 0.</summary>
    SquareRoot,

    /// <summary><c>1 / sqrt(x + A)</c>; 0 where that is not above 0.</summary>
    InverseRoot,

    /// <summary><c>1 / x</c>; 0 at 0.</summary>
    Reciprocal,
}

/// <summary>Values and slopes of <see cref="PointFunction"/>, in double.</summary>
internal static class PointFunctions
{
    private const double RootHalf = 0.70710678118654752;
    private const double RootTwoOverPi = 0.79788456080286536;
    private const double Cubic = 0.044715;

    /// <summary>The function.</summary>
    public static double Value(PointFunction function, double a, double b, double x) =>
        function switch
        {
            PointFunction.Clip => Math.Min(Math.Max(x, a), b),
            PointFunction.LeakyRelu => x < 0 ? a * x : x,
            PointFunction.Elu => x < 0 ? a * (Math.Exp(x) - 1) : x,
            PointFunction.Selu => b * (x < 0 ? a * (Math.Exp(x) - 1) : x),
            PointFunction.Celu => x < 0 ? a * (Math.Exp(x / a) - 1) : x,
            PointFunction.ThresholdedRelu => x > a ? x : 0,
            PointFunction.HardSigmoid => Unit((a * x) + b),
            PointFunction.HardSwish => x * Unit((x / 6) + 0.5),
            PointFunction.Silu => x * Sigmoid(a * x),
            PointFunction.Gelu => x * (1 + Erf(x * RootHalf)) / 2,
            PointFunction.GeluTanh => x * (1 + Math.Tanh(Inner(x))) / 2,
            PointFunction.Erf => Erf(x),
            PointFunction.Softplus => Softplus(x),
            PointFunction.Softsign => x / (1 + Math.Abs(x)),
            PointFunction.Mish => x * Math.Tanh(Softplus(x)),
            PointFunction.Abs => Math.Abs(x),
            PointFunction.SquareRoot => Math.Sqrt(Math.Max(x, 0)),
            PointFunction.InverseRoot => x + a > 0 ? 1 / Math.Sqrt(x + a) : 0,
            PointFunction.Reciprocal => x == 0 ? 0 : 1 / x,
            _ => throw new ArgumentOutOfRangeException(nameof(function)),
        };

    /// <summary>Its slope; at a corner that of the left side, as frameworks have it.</summary>
    public static double Slope(PointFunction function, double a, double b, double x) =>
        function switch
        {
            PointFunction.Clip => x > a && x < b ? 1 : 0,
            PointFunction.LeakyRelu => x > 0 ? 1 : a,
            PointFunction.Elu => x > 0 ? 1 : a * Math.Exp(x),
            PointFunction.Selu => b * (x > 0 ? 1 : a * Math.Exp(x)),
            PointFunction.Celu => x > 0 ? 1 : Math.Exp(x / a),
            PointFunction.ThresholdedRelu => x > a ? 1 : 0,
            PointFunction.HardSigmoid => (a * x) + b is > 0 and < 1 ? a : 0,
            PointFunction.HardSwish => x <= -3 ? 0 : x >= 3 ? 1 : (x / 3) + 0.5,
            PointFunction.Silu => SiluSlope(a, x),
            PointFunction.Gelu => ((1 + Erf(x * RootHalf)) / 2)
                + (x * RootHalf * Math.Exp(-x * x / 2) / Math.Sqrt(Math.PI)),
            PointFunction.GeluTanh => GeluTanhSlope(x),
            PointFunction.Erf => 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x),
            PointFunction.Softplus => Sigmoid(x),
            PointFunction.Softsign => 1 / ((1 + Math.Abs(x)) * (1 + Math.Abs(x))),
            PointFunction.Mish => MishSlope(x),
            PointFunction.Abs => x > 0 ? 1 : x < 0 ? -1 : 0,
            PointFunction.SquareRoot => x > 0 ? 0.5 / Math.Sqrt(x) : 0,
            PointFunction.InverseRoot => x + a > 0 ? -0.5 / ((x + a) * Math.Sqrt(x + a)) : 0,
            PointFunction.Reciprocal => x == 0 ? 0 : -1 / (x * x),
            _ => throw new ArgumentOutOfRangeException(nameof(function)),
        };

    /// <summary>
    /// The error function: its series near 0, beyond 2 the continued fraction of its complement.
    /// </summary>
    public static double Erf(double x)
    {
        double size = Math.Abs(x);
        if (size > 6) return Math.Sign(x);
        if (double.IsNaN(x)) return x;
        if (size > 2)
        {
            double fraction = 0;
            for (int k = 60; k > 0; k--) fraction = k / 2.0 / (size + fraction);
            double rest = Math.Exp(-x * x) / ((size + fraction) * Math.Sqrt(Math.PI));
            return Math.Sign(x) * (1 - rest);
        }

        double term = x, sum = x;
        for (int n = 1; n < 60; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private static double Unit(double x) => Math.Min(Math.Max(x, 0), 1);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Softplus(double x) =>
        Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    private static double Inner(double x) => RootTwoOverPi * (x + (Cubic * x * x * x));

    private static double SiluSlope(double a, double x)
    {
        double s = Sigmoid(a * x);
        return s + (a * x * s * (1 - s));
    }

    private static double GeluTanhSlope(double x)
    {
        double t = Math.Tanh(Inner(x));
        return ((1 + t) / 2)
            + (x / 2 * (1 - (t * t)) * RootTwoOverPi * (1 + (3 * Cubic * x * x)));
    }

    private static double MishSlope(double x)
    {
        double t = Math.Tanh(Softplus(x));
        return t + (x * (1 - (t * t)) * Sigmoid(x));
    }
}
