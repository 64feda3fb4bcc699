using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// A sum of two tensors in float32, as ONNX Runtime's QLinearAdd computes it on x64:
/// <c>RoundHalfEven(fma(a, First, fma(b, Second, Offset)))</c> of the raw values a and b. Both
/// zero points and the output's are in the offset. Blittable.
/// </summary>
/// <param name="IsUsed">1 where a sum is made so; the default is not.</param>
/// <param name="First">Step of the first input over the output's.</param>
/// <param name="Second">Step of the second input over the output's.</param>
/// <param name="Offset">What both products are added to.</param>
internal readonly record struct RealSum(
    int IsUsed, Binary32 First, Binary32 Second, Binary32 Offset)
{
    /// <summary>The sum as a raw value, not yet fitted to the output.</summary>
    public long Of(long first, long second, ref ConversionEvents events)
    {
        Binary32 inner = Binary32.MultiplyAdd(Binary32.OfInteger(second), Second, Offset);
        bool inexact = false;
        long sum = Binary32.MultiplyAdd(Binary32.OfInteger(first), First, inner)
            .ToInteger(ref inexact);
        if (inexact) events |= ConversionEvents.Inexact;
        return sum;
    }
}
