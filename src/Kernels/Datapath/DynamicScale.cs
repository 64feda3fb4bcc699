using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// Scale and zero point that ONNX's DynamicQuantizeLinear finds for a tensor, every operation
/// rounded to float32: <c>Step = (High - Low) / 255</c>, <c>Zero = Fit(Round(-Low / Step))</c>,
/// where Low is the least value or 0 and High the largest or 0; 1 and 0 where all values are 0.
/// Blittable.
/// </summary>
/// <param name="Step">Real value of one raw step.</param>
/// <param name="Zero">The raw value of 0, in 0..255.</param>
internal readonly record struct DynamicScale(Binary32 Step, int Zero)
{
    private const int White = 255;

    /// <summary>
    /// From both ends of a tensor's range, as <see cref="OrderedFloat"/> has them.
    /// </summary>
    /// <param name="least">The least value; above 0 it counts as 0.</param>
    /// <param name="largest">The largest value; below 0 it counts as 0.</param>
    public static DynamicScale Of(long least, long largest)
    {
        least = least > 0 ? 0 : least;
        largest = largest < 0 ? 0 : largest;
        if (least == 0 && largest == 0) return new(Binary32.OfInteger(1), 0);
        Binary32 low = OrderedFloat.Number(-least), high = OrderedFloat.Number(largest);
        Binary32 step = Binary32.Divide(Binary32.Add(high, low), Binary32.OfInteger(White));
        bool inexact = false;
        long zero = Binary32.Divide(low, step).ToInteger(ref inexact);
        return new(step, (int)(zero < 0 ? 0 : zero > White ? White : zero));
    }

    /// <summary>
    /// Effectively computes <c>Fit(Round(x / Step) + Zero) - Zero</c>, Fit into 0..255: what
    /// multiplies weights, and 0 where padding stands.
    /// </summary>
    public long Quantize(long raw, ref ConversionEvents events)
    {
        bool inexact = false;
        long value = Binary32.Divide(OrderedFloat.Number(raw), Step).ToInteger(ref inexact) + Zero;
        if (inexact) events |= ConversionEvents.Inexact;
        if (value < 0 || value > White) events |= ConversionEvents.Overflowed;
        return (value < 0 ? 0 : value > White ? White : value) - Zero;
    }

    /// <summary>The scale of products of integers of two scales, their zeros taken off.</summary>
    public DynamicScale Times(DynamicScale other) => new(Binary32.Multiply(Step, other.Step), 0);

    /// <summary>
    /// A sum of products as a number: <c>float32(sum) * (Step * weightStep) + bias</c>, every
    /// operation rounded to float32.
    /// </summary>
    /// <param name="sum">The sum.</param>
    /// <param name="weightStep">Step of the weights, as <see cref="OrderedFloat"/> has it.</param>
    /// <param name="bias">The bias likewise.</param>
    public long Rescale(long sum, long weightStep, long bias) => OrderedFloat.Of(Binary32.Add(
        Binary32.Multiply(
            Binary32.OfInteger(sum), Binary32.Multiply(Step, OrderedFloat.Number(weightStep))),
        OrderedFloat.Number(bias)));
}
