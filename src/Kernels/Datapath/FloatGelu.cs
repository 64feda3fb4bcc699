using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// The functions behind <see cref="FloatFunction.Gelu"/> and <see cref="FloatFunction.GeluTanh"/>.
/// </summary>
internal static class FloatGelu
{
    private const float RootOfHalf = 0.707106781f;

    // sqrt(2 / pi), and 0.044715 times that.
    private const float B = 0.797884561f, C = 0.0356774081f;
    private const float Half = 0.5f;

    /// <summary>By the error function, of a raw number, as kernels compute it.</summary>
    public static long ByErf(long raw)
    {
        Binary32 x = OrderedFloat.Number(raw);
        return Gated(x, FloatErf.Value(OrderedFloat.Of(Binary32.Multiply(x, Number(RootOfHalf)))));
    }

    /// <summary>By the hyperbolic tangent.</summary>
    public static long ByTanh(long raw)
    {
        Binary32 x = OrderedFloat.Number(raw);
        Binary32 cube = Binary32.Multiply(Binary32.Multiply(Number(C), x), x);
        return Gated(x, FloatTanh.Value(OrderedFloat.Of(
            Binary32.Multiply(x, Binary32.Add(cube, Number(B))))));
    }

    /// <summary>
    /// By the error function, in the processor's float32; NaN where that is not sure.
    /// </summary>
    public static float FastByErf(float x) =>
        FloatFunctions.Sure(Half * x * (FloatErf.Fast(x * RootOfHalf) + 1));

    /// <summary>Likewise by the hyperbolic tangent.</summary>
    public static float FastByTanh(float x) =>
        FloatFunctions.Sure(Half * x * (FloatTanh.Fast(
            x * FloatFunctions.Sure((FloatFunctions.Sure(C * x * x)) + B)) + 1));

    private static long Gated(Binary32 x, long gate) => OrderedFloat.Of(Binary32.Multiply(
        Binary32.Multiply(Number(Half), x),
        Binary32.Add(OrderedFloat.Number(gate), Binary32.OfInteger(1))));

    private static Binary32 Number(float value) => OrderedFloat.Number(OrderedFloat.Of(value));
}
