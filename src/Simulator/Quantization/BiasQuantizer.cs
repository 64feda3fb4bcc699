using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Real biases to raw ones in the accumulator format, the input's zero point folded in where it is.
/// </summary>
internal sealed class BiasQuantizer(
    Func<string, string, Exception> refuse, LayerDatapath stages, MacSpec mac,
    AccumulatorPoint point, int zeroPoint)
{
    public ImmutableArray<long> Quantize(float[] bias, QuantizedWeights weights)
    {
        var raw = ImmutableArray.CreateBuilder<long>(bias.Length);
        for (int c = 0; c < bias.Length; c++)
        {
            long own = stages.Bias is { } register
                ? FromRegister(bias[c], register, point.FractionBits[c])
                : ToAccumulator(bias[c], point.Steps[c]);
            raw.Add(stages.ZeroPoint == ZeroPointHandling.Folded && zeroPoint != 0
                ? Fold(own, weights.Sum(c))
                : own);
        }

        return raw.MoveToImmutable();
    }

    private ConversionSpec IntoAccumulator(int shift) => mac.Update with { Shift = shift };

    private long ToAccumulator(double bias, double step) =>
        RealConversion.Quantize(
            bias, TensorScale.PowerOfTwo(0) with { Step = step },
            RoundingMode.NearestTiesToEven, IntoAccumulator(0));

    /// <summary>
    /// The bias has a register of its own, whose value is then cast to the accumulator.
    /// </summary>
    private long FromRegister(double bias, RegisterFormat register, int? accumulatorFraction)
    {
        if (accumulatorFraction is not int fraction)
            throw refuse(
                "bias", "a fixed binary point needs power-of-two scales (use scale: power_of_two)");
        int own = register.Format.FractionBits;
        long raw = RealConversion.Quantize(
            bias, TensorScale.PowerOfTwo(own), register.Rounding,
            register.Dropping(0, stages.Dialect));
        var events = ConversionEvents.None;
        return Conversion.Convert(raw, IntoAccumulator(own - fraction), ref events);
    }

    /// <summary>
    /// <c>bias - zeroPoint * sum(w)</c>, at the common binary point and then into the accumulator.
    /// </summary>
    private long Fold(long bias, long weightSum)
    {
        long exact = (bias << mac.AccumulatorAlign) - ((zeroPoint * weightSum) << mac.PartialAlign);
        var events = ConversionEvents.None;
        return Conversion.Convert(exact, mac.Update, ref events);
    }
}
