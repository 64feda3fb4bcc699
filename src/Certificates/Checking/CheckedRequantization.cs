using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Checking;

/// <summary>
/// The last step of most layers: it rises, or falls, all along, unless it overflows and does not
/// saturate.
/// </summary>
internal static class CheckedRequantization
{
    /// <summary>The output, and whether it does not keep the order of arguments.</summary>
    public static long Apply(in Requantization spec, long argument, out bool overflows)
    {
        var events = ConversionEvents.None;
        long value = Requantizer.Requantize(argument, spec, ref events);
        overflows = (events & ConversionEvents.Overflowed) != 0
            && spec.Output.Overflow
                is not (OverflowMode.Saturate or OverflowMode.SaturateSymmetric);
        return value;
    }

    /// <summary>An interval in one piece where both ends keep the order; else null.</summary>
    public static IReadOnlyList<(long Low, long High)>? Pieces(
        in Requantization spec, long low, long high)
    {
        Apply(spec, low, out bool one);
        Apply(spec, high, out bool two);
        return one || two ? null : [(low, high)];
    }
}
