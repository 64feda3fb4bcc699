using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Simulator.Quantization;

/// <summary>
/// A function between integers as ONNX Runtime computes it: the integer's number, its function in
/// float32, the nearest integer. Entries of a table, as in its QLinearLeakyRelu.
/// </summary>
internal static class FloatTable
{
    /// <summary>A raw value's result; null where some of it is not known to be so.</summary>
    /// <param name="layer">The function.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="output">What it writes.</param>
    public static Func<long, (long Raw, bool Overflowed)>? Of(
        FloatLayer layer, QuantizedTensor input, QuantizedTensor output)
    {
        if (Function(layer) is not { } function) return null;
        FloatScale from = ScaleOf(input), to = ScaleOf(output);
        if (!IsExact(input) || !IsExact(output)) return null;
        return raw =>
        {
            var events = ConversionEvents.None;
            long fitted = to.Raw(
                function(from.Number(raw)), output.Target.Min, output.Target.Max, ref events);
            return (fitted, (events & ConversionEvents.Overflowed) != 0);
        };
    }

    /// <summary>Step and zero point of a tensor, in float32.</summary>
    public static FloatScale ScaleOf(QuantizedTensor tensor) => new(
        OrderedFloat.Of((float)tensor.Scale.Step), tensor.Scale.ZeroPoint);

    /// <summary>The function of one float32 number; null where there is none.</summary>
    /// <param name="layer">A layer of one function.</param>
    public static (FloatFunction Function, int A, int B)? OfPoint(FloatLayer layer) =>
        layer switch
        {
            SigmoidLayer => (FloatFunction.Sigmoid, 0, 0),
            TanhLayer => (FloatFunction.Tanh, 0, 0),
            PointLayer point => point.Function switch
            {
                PointFunction.HardSigmoid => (
                    FloatFunction.HardSigmoid, Number(point.A), Number(point.B)),
                PointFunction.LeakyRelu => (FloatFunction.LeakyRelu, Number(point.A), 0),
                PointFunction.Elu => (FloatFunction.Elu, Number(point.A), 0),
                PointFunction.Erf => (FloatFunction.Erf, 0, 0),
                PointFunction.SquareRoot => (FloatFunction.SquareRoot, 0, 0),
                PointFunction.Gelu => (FloatFunction.Gelu, 0, 0),
                PointFunction.GeluTanh => (FloatFunction.GeluTanh, 0, 0),
                _ => null,
            },
            _ => null,
        };

    /// <summary>The gate of a function that is a number times its gate.</summary>
    /// <param name="point">HardSwish or Silu.</param>
    public static (FloatFunction Function, int A, int B)? OfGate(PointLayer point) =>
        point.Function switch
        {
            PointFunction.HardSwish => (FloatFunction.HardSigmoid, Number(1 / 6f), Number(0.5)),
            PointFunction.Silu => (FloatFunction.Sigmoid, 0, 0),
            _ => null,
        };

    /// <summary>A parameter as kernels take numbers.</summary>
    public static int Number(double value) => OrderedFloat.Of((float)value);

    private static Func<long, long>? Function(FloatLayer layer)
    {
        if (OfPoint(layer) is var (function, a, b))
            return x => FloatFunctions.Value(function, a, b, x);
        if (layer is PointLayer { Function: PointFunction.Softplus }) return Softplus;
        if (layer is PointLayer { Function: PointFunction.Mish })
            return x => FloatMultiplyLayer.Product(
                x, FloatFunctions.Value(FloatFunction.Tanh, 0, 0, Softplus(x)));
        if (layer is not PointLayer point || OfGate(point) is not var (gate, c, d)) return null;
        int factor = point.Function == PointFunction.Silu ? Number(point.A) : Number(1);
        return x => FloatMultiplyLayer.Product(
            x, FloatFunctions.Value(gate, c, d, FloatMultiplyLayer.Product(x, factor)));
    }

    private static long Softplus(long x) =>
        OrderedFloat.Of(FloatSoftplus.Value(OrderedFloat.Value(x)));

    private static bool IsExact(QuantizedTensor tensor) => ScaleOf(tensor).IsScale
        && OrderedFloat.Value(ScaleOf(tensor).Step) == tensor.Scale.Step;
}
