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
    /// <summary>Channels whose bias did not fit on its way.</summary>
    public long Overflowed { get; private set; }

    /// <summary>
    /// Of real biases to accumulator steps: down where a sign of sums is taken, which changes none.
    /// </summary>
    public RoundingMode Rounding { get; init; } = RoundingMode.NearestTiesToEven;

    public ImmutableArray<long> Quantize(float[] bias, QuantizedWeights weights)
    {
        var raw = ImmutableArray.CreateBuilder<long>(bias.Length);
        for (int c = 0; c < bias.Length; c++)
        {
            var events = ConversionEvents.None;
            long own = stages.Bias is { } register
                ? FromRegister(bias[c], register, point.FractionBits[c], ref events)
                : ToAccumulator(bias[c], point.Steps[c], ref events);
            raw.Add(stages.ZeroPoint == ZeroPointHandling.Folded && zeroPoint != 0
                ? Fold(own, weights.Sum(c), ref events)
                : own);
            if ((events & ConversionEvents.Overflowed) != 0) Overflowed++;
        }

        return raw.MoveToImmutable();
    }

    /// <summary>Raw biases in accumulator steps, as a model states them.</summary>
    public ImmutableArray<long> Quantize(ImmutableArray<long> bias, QuantizedWeights weights)
    {
        var raw = ImmutableArray.CreateBuilder<long>(bias.Length);
        for (int c = 0; c < bias.Length; c++)
        {
            var events = ConversionEvents.None;
            long own = Conversion.Convert(bias[c], IntoAccumulator(0), ref events);
            raw.Add(stages.ZeroPoint == ZeroPointHandling.Folded && zeroPoint != 0
                ? Fold(own, weights.Sum(c), ref events)
                : own);
            if ((events & ConversionEvents.Overflowed) != 0) Overflowed++;
        }

        return raw.MoveToImmutable();
    }

    /// <summary>
    /// Raw biases in accumulator steps as a file of ready-made integers states them: they have to
    /// fit.
    /// </summary>
    /// <param name="bias">Biases.</param>
    /// <param name="weights">The layer's weights.</param>
    /// <param name="at">Where the file says it.</param>
    /// <exception cref="InputException">One does not.</exception>
    public ImmutableArray<long> Declared(
        ImmutableArray<long> bias, QuantizedWeights weights, InputError at)
    {
        var raw = ImmutableArray.CreateBuilder<long>(bias.Length);
        for (int c = 0; c < bias.Length; c++)
        {
            Int128 exact = (Int128)bias[c] << mac.AccumulatorAlign;
            if (stages.ZeroPoint == ZeroPointHandling.Folded)
                exact -= (Int128)zeroPoint * weights.Sum(c) << mac.PartialAlign;
            Int128 value = exact >> mac.AccumulatorAlign;
            if (value << mac.AccumulatorAlign != exact || value < mac.Update.Min
                || value > mac.Update.Max)
                throw new InputException(at with
                {
                    Message = $"the bias of channel {c}, {bias[c]}"
                        + (value == bias[c] ? "" : $" ({value} with the zero point)")
                        + $", does not fit the accumulator's {mac.Update.Min}..{mac.Update.Max}",
                });
            raw.Add((long)value);
        }

        return raw.MoveToImmutable();
    }

    private ConversionSpec IntoAccumulator(int shift) => mac.Update with { Shift = shift };

    private long ToAccumulator(double bias, double step, ref ConversionEvents events) =>
        RealConversion.QuantizeCounting(
            bias, TensorScale.PowerOfTwo(0) with { Step = step },
            Rounding, IntoAccumulator(0), ref events);

    /// <summary>
    /// The bias has a register of its own, whose value is then cast to the accumulator.
    /// </summary>
    private long FromRegister(
        double bias, RegisterFormat register, int? accumulatorFraction, ref ConversionEvents events)
    {
        if (accumulatorFraction is not int fraction)
            throw refuse(
                "bias", "a fixed binary point needs power-of-two scales (use scale: power_of_two)");
        int own = register.Format.FractionBits;
        long raw = RealConversion.QuantizeCounting(
            bias, TensorScale.PowerOfTwo(own), register.Rounding,
            register.Dropping(0, stages.Dialect), ref events);
        return Conversion.Convert(raw, IntoAccumulator(own - fraction), ref events);
    }

    /// <summary>
    /// <c>bias - zeroPoint * sum(w)</c>, at the common binary point and then into the accumulator.
    /// </summary>
    private long Fold(long bias, long weightSum, ref ConversionEvents events)
    {
        long exact = (bias << mac.AccumulatorAlign) - ((zeroPoint * weightSum) << mac.PartialAlign);
        return Conversion.Convert(exact, mac.Update, ref events);
    }
}
