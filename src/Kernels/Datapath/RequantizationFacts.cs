using System.Numerics;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>What follows from one requantization, whatever layer it belongs to.</summary>
internal static class RequantizationFacts
{
    /// <summary>Whether it draws random bits; the multiplier kinds do their own rounding.</summary>
    public static bool IsStochastic(this in Requantization spec) =>
        spec.Kind == RequantizationKind.Shift && spec.Output.DrawsRandomBits;

    /// <summary>
    /// The rounding that the formula comes to for a real number; of two roundings, the last.
    /// </summary>
    public static RoundingMode Rounding(this in Requantization spec) => spec.Kind switch
    {
        RequantizationKind.MultiplierDouble => RoundingMode.NearestTiesAway,
        RequantizationKind.MultiplierSingle => RoundingMode.NearestTiesTowardPositive,
        RequantizationKind.Shift or RequantizationKind.Real or RequantizationKind.RealOnce =>
            spec.Output.Rounding,
    };

    /// <summary>Null when it fits the output's type and makes sense, else what does not.</summary>
    public static string? WhyNot(this in Requantization spec, TensorType output) =>
        SpecChecks.WhyNot("output", spec.Output, output)
        ?? (
            spec.ClampMin > spec.ClampMax ? "the fused activation's range is empty"
            : spec.Kind != RequantizationKind.Shift && spec.Output.Shift != 0
                ? "a multiplier does its own shifting"
            : spec.Kind >= RequantizationKind.Real
            && spec.Output.Rounding == RoundingMode.Stochastic
                ? "float32 numbers are not rounded by chance"
            : spec.Kind == RequantizationKind.MultiplierSingle
            && spec.MultiplierShift is < 1 or > 63
                ? "the shift after a multiplier must be 1..63"
            : spec.Kind == RequantizationKind.MultiplierDouble && spec.MultiplierShift < -63
                ? "the shift before a multiplier must be at most 63"
            : null
        );

    /// <summary>The exact intermediates between an accumulator in a range and the output.</summary>
    public static IEnumerable<StageWidth> Widths(this Requantization spec, ExactRange accumulator)
    {
        switch (spec.Kind)
        {
            case RequantizationKind.MultiplierDouble:
                ExactRange shifted = accumulator << Math.Max(0, -spec.MultiplierShift);
                yield return new(
                    "accumulator times multiplier",
                    RoundedProduct(shifted, spec.Multiplier, 31).Bits);
                break;
            case RequantizationKind.MultiplierSingle:
                yield return new(
                    "accumulator times multiplier",
                    RoundedProduct(accumulator, spec.Multiplier, spec.MultiplierShift).Bits);
                break;
            case RequantizationKind.Shift:
                ExactRange aligned = accumulator << Math.Max(0, -spec.Output.Shift);
                yield return new(
                    "accumulator shifted to the output", (aligned + spec.ZeroPoint).Bits);
                break;
            // Float32 numbers have no width.
            case RequantizationKind.Real or RequantizationKind.RealOnce:
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(spec), spec.Kind, null);
        }
    }

    /// <summary>What it can write: the activation bounds it, unless it may wrap later.</summary>
    public static RawRange Range(this in Requantization spec, TensorType output) =>
        spec.Output.Overflow is OverflowMode.Saturate or OverflowMode.SaturateSymmetric
            ? new RawRange(spec.ClampMin, spec.ClampMax).Within(
                new(Overflow.LowestKept(spec.Output), spec.Output.Max))
            : RawRange.Of(output);

    /// <summary>A product and the half step that its rounding adds.</summary>
    public static ExactRange RoundedProduct(ExactRange value, int multiplier, int shift)
    {
        ExactRange product = value * multiplier;
        return product with { High = product.High + (BigInteger.One << (shift - 1)) };
    }
}
