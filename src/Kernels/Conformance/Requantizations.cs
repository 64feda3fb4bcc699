using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Conformance;

/// <summary>
/// Requantizations of every kind that bring an accumulator near the output's range.
/// </summary>
internal static class Requantizations
{
    /// <summary>A requantization of any kind.</summary>
    /// <param name="choose">The choices.</param>
    /// <param name="bits">Width of what is requantized.</param>
    /// <param name="output">Type of the output.</param>
    public static Requantization Of(Choices choose, int bits, TensorType output)
    {
        RequantizationKind kind = choose.OfEnum<RequantizationKind>();
        int shift = bits - output.Bits - choose.Between(-1, 4);
        bool isShift = kind == RequantizationKind.Shift;
        ConversionSpec conversion = choose.Conversion(
            output.Bits, output.IsSigned, isShift ? shift : 0);
        // Ties to even is what libraries do, and what vectors have loops for.
        if (kind >= RequantizationKind.Real
            && (conversion.Rounding == RoundingMode.Stochastic || choose.Chance(0.7)))
            conversion = conversion with { Rounding = RoundingMode.NearestTiesToEven };
        long low = choose.Chance(0.5) ? long.MinValue : output.ZeroPoint;
        return new Requantization
        {
            Kind = kind,
            Output = conversion,
            Multiplier = choose.Chance(0.1)
                ? choose.Of(int.MinValue, int.MaxValue, 0)
                : choose.Between(1 << 30, int.MaxValue),
            MultiplierShift =
                kind == RequantizationKind.MultiplierSingle
                    ? Math.Clamp(shift + 31, 1, 63)
                    : Math.Clamp(shift, -8, 63),
            RealScale = (float)(Math.ScaleB(1, -shift) * (0.5 + choose.Between(0, 1000) / 1000.0)),
            RealBias = kind == RequantizationKind.RealOnce && choose.Chance(0.8)
                ? (float)Math.ScaleB(choose.Between(-999, 999) / 7.0, Math.Max(0, shift - 4))
                : 0,
            ZeroPoint = output.ZeroPoint,
            ClampMin = low,
            ClampMax = choose.Chance(0.8)
                ? long.MaxValue
                : Math.Max(low, output.MaxRaw - choose.Between(0, 3)),
        };
    }
}
