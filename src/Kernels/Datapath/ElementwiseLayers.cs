using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// What brings one input to the scale at which inputs meet: <c>(raw - ZeroPoint) * Factor</c>,
/// then, with a multiplier, <c>RoundingDivideByPOT(SRDHM(value, Multiplier), MultiplierShift)</c>.
/// </summary>
/// <remarks>
/// Fixed point aligns binary points with a power-of-two factor and no multiplier. TFLite's ADD has
/// the factor 2^20 and a multiplier. QNNPACK's has its integer multiplier for a factor. Blittable.
/// </remarks>
/// <param name="ZeroPoint">The input's zero point.</param>
/// <param name="Factor">An exact integer factor.</param>
/// <param name="Multiplier">31 fraction bits; 0 for none.</param>
/// <param name="MultiplierShift">The right shift after the multiplier, 0 or more.</param>
public readonly record struct InputScaling(
    int ZeroPoint, long Factor, int Multiplier = 0, int MultiplierShift = 0)
{
    /// <summary>
    /// The value at the common scale; sets inexact when a rounding dropped a set bit.
    /// </summary>
    public long Apply(long raw, ref ConversionEvents events)
    {
        long value = (raw - ZeroPoint) * Factor;
        if (Multiplier == 0) return value;
        long high = Requantizer.HighMultiply(value, Multiplier);
        if (Rounding.IsInexact(value * Multiplier, 31) || Rounding.IsInexact(high, MultiplierShift))
            events |= ConversionEvents.Inexact;
        return MultiplierShift > 0
            ? Rounding.ShiftRight(high, MultiplierShift, RoundingMode.NearestTiesAway)
            : high;
    }
}

/// <summary>The sum of tensors of one shape: exact at the common scale, then requantized.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor per operand.</param>
/// <param name="Output">Type of the output; the inputs' shape.</param>
/// <param name="Operands">One per input.</param>
/// <param name="Requantization">From the common scale to the output.</param>
public sealed record AddLayer(
    string Name,
    ImmutableArray<int> Inputs,
    TensorType Output,
    ImmutableArray<InputScaling> Operands,
    Requantization Requantization) : ProgramLayer(Name, Inputs, Output);

/// <summary>How one input of a <see cref="ConcatLayer"/> becomes output.</summary>
/// <param name="Scaling">Input to the scale from which it is requantized.</param>
/// <param name="Requantization">From there to the output.</param>
public readonly record struct ConcatPart(InputScaling Scaling, Requantization Requantization);

/// <summary>
/// The channels of several tensors one after the other, each converted to the output's type. With
/// one input: a conversion that stands alone.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor per part.</param>
/// <param name="Output">
/// Type of the output; rows and columns are the inputs', channels their sum.
/// </param>
/// <param name="Parts">One per input.</param>
public sealed record ConcatLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, ImmutableArray<ConcatPart> Parts)
    : ProgramLayer(Name, Inputs, Output);
