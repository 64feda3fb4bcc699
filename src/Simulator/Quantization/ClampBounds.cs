using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Simulator.Quantization;

/// <summary>A fused activation that clamps: a ReLU, ReLU6 or any clip.</summary>
/// <param name="Low">The least real value that passes.</param>
/// <param name="High">The largest real value that passes.</param>
internal readonly record struct ClampBounds(double Low, double High)
{
    /// <summary>Nothing is clamped.</summary>
    public static ClampBounds None { get; } =
        new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>What a layer clamps to; null where it is no clamp.</summary>
    public static ClampBounds? Of(FloatLayer layer) => layer switch
    {
        ReluLayer => new(0, double.PositiveInfinity),
        PointLayer { Function: PointFunction.Clip } clip => new(clip.A, clip.B),
        _ => null,
    };

    /// <summary>Whether what it lets pass is never below 0.</summary>
    public bool IsNeverNegative => Low >= 0;

    /// <summary>
    /// The bounds as float32 numbers (<see cref="OrderedFloat"/>): the ends of all for none.
    /// </summary>
    public (long Low, long High) Numbers => (Number(Low), Number(High));

    /// <summary>
    /// Whether each bound is what a raw value stands for in float32, or lets all of a tensor's
    /// values pass.
    /// </summary>
    public bool AreRaw(QuantizedTensor tensor)
    {
        (long min, long max) = Raw(tensor.Scale);
        return (Number(tensor.Type.MinRaw) >= Low || Number(min) == (float)Low)
            && (Number(tensor.Type.MaxRaw) <= High || Number(max) == (float)High);

        float Number(long raw) =>
            (float)(raw - tensor.Scale.ZeroPoint) * (float)tensor.Scale.Step;
    }

    /// <summary>The bounds as raw values: the nearest ones, ties to even.</summary>
    public (long Min, long Max) Raw(TensorScale scale) =>
        (Raw(Low, scale, long.MinValue), Raw(High, scale, long.MaxValue));

    /// <summary>The bounds as raw values of a tensor, their quotients in float32.</summary>
    public (long Min, long Max) Nearest(QuantizedTensor tensor)
    {
        var ignored = ConversionEvents.None;
        FloatScale scale = FloatTable.ScaleOf(tensor);
        (long min, long max) = (tensor.Type.MinRaw, tensor.Type.MaxRaw);
        return (
            scale.Raw(Numbers.Low, min, max, ref ignored),
            scale.Raw(Numbers.High, min, max, ref ignored));
    }

    /// <summary>
    /// Whether ONNX Runtime drops the clamp ahead of a quantizer, which ends there itself: its
    /// ClipQuantFusion and IsClipMadeRedundantByQ, whose casts give the least integer for what is
    /// too large.
    /// </summary>
    public bool IsMadeUpFor(FakeQuantizeLayer by)
    {
        const float Epsilon = 1.1920929e-7f;
        const int More = 128;
        FakeQuantizer quantizer = by.Quantizer;
        if (this == None) return true;
        if (by.Rule == ClampRule.None) return false;
        if (by.Rule == ClampRule.Relu) return quantizer.Scale.ZeroPoint == quantizer.Target.Min;
        int more = by.IsUnsigned ? More : 0;
        (float step, int zero) = ((float)quantizer.Scale.Step, quantizer.Scale.ZeroPoint + more);
        (long min, long max) = (quantizer.Target.Min + more, quantizer.Target.Max + more);
        float low = double.IsInfinity(Low) ? float.MinValue : (float)Low;
        float high = double.IsInfinity(High) ? float.MaxValue : (float)High;
        if (by.Rule != ClampRule.Integers && low - (step * (min - zero)) <= Epsilon
            && (step * (max - zero)) - high <= Epsilon)
            return true;
        return by.Rule != ClampRule.Numbers && Raw(low) <= min && Raw(high) >= max;

        int Raw(float bound)
        {
            float nearest = MathF.Round(bound / step);
            int whole = nearest is >= int.MinValue and < -(float)int.MinValue
                ? (int)nearest
                : int.MinValue;
            return unchecked(whole + zero);
        }
    }

    private static long Number(double bound) => double.IsInfinity(bound)
        ? bound < 0 ? -OrderedFloat.Largest : OrderedFloat.Largest
        : OrderedFloat.Of((float)bound);

    private static long Raw(double bound, TensorScale scale, long open) =>
        double.IsInfinity(bound)
            ? open
            : (long)Math.Clamp(Math.Round(bound / scale.Step), int.MinValue, int.MaxValue)
                + scale.ZeroPoint;
}
