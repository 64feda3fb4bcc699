using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// A value times a float32 scale as a register of a few bits takes it:
/// <c>Clamp(RoundHalfEven(float32(value) * Scale), Min, Max)</c>. Gemmini scales what it moves in
/// so. Blittable.
/// </summary>
/// <param name="IsUsed">1 where a value is scaled so; the default is not.</param>
/// <param name="Scale">The scale.</param>
/// <param name="Min">The register's smallest value.</param>
/// <param name="Max">The register's largest value.</param>
internal readonly record struct RealScaling(int IsUsed, Binary32 Scale, long Min, long Max)
{
    /// <summary>The scaled value; what did not fit is an overflow.</summary>
    public long Of(long value, ref ConversionEvents events)
    {
        bool inexact = false;
        long scaled = Binary32.Multiply(Binary32.OfInteger(value), Scale).ToInteger(ref inexact);
        if (inexact) events |= ConversionEvents.Inexact;
        if (scaled < Min || scaled > Max) events |= ConversionEvents.Overflowed;
        return scaled < Min ? Min : scaled > Max ? Max : scaled;
    }
}
