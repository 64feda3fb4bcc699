using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// From the profile's kind of requantization and the scales on both sides to multipliers and
/// shifts.
/// </summary>
/// <param name="refuse">Makes the exception from a dotted key and a reason.</param>
/// <param name="stages">The layer's stages.</param>
/// <param name="output">What comes out.</param>
/// <param name="clamp">The activation that is fused.</param>
internal sealed class RequantizationBuilder(
    Func<string, string, Exception> refuse, LayerDatapath stages, QuantizedTensor output,
    ClampBounds clamp)
{
    /// <summary>One per output channel of a multiply-accumulate layer.</summary>
    /// <param name="point">Where accumulators are.</param>
    /// <param name="input">Scale of the input.</param>
    /// <param name="weights">Scale of the weights, per output channel.</param>
    /// <param name="bias">Real biases, where they are not in the accumulator; else nothing.</param>
    /// <param name="order">
    /// In which order the scale of a multiplier is computed; null for the profile's.
    /// </param>
    public ImmutableArray<Requantization> PerChannel(
        AccumulatorPoint point, TensorScale input, ImmutableArray<TensorScale> weights,
        float[] bias, ScaleOrder? order = null) =>
        [
            .. point.Steps.Select((step, c) =>
            {
                if (Own(step) is { } own) return own;
                (double x, double w) = point.FollowsOperands
                    ? (input.Step, weights[c].Step)
                    : (step, 1);
                Requantization made = stages.Requantize.Kind switch
                {
                    RequantizeKind.Cast or RequantizeKind.Shift =>
                        Shift(stages.Requantize.Kind, point.FractionBits[c]),
                    RequantizeKind.Real or RequantizeKind.RealOnce =>
                        Real(stages.Requantize.Kind, x, w),
                    RequantizeKind.MultiplierDouble or RequantizeKind.MultiplierSingle =>
                        Multiplier(
                            stages.Requantize.Kind,
                            RequantizationScale.Ratio(
                                order ?? stages.Requantize.ScaleOrder, x, w, output.Scale.Step)),
                };
                return bias.Length == 0
                    ? made
                    : made with
                    {
                        Kind = RequantizationKind.RealOnce,
                        RealBias = bias[c] * (point.FollowsOperands
                            ? RequantizationScale.InverseStep(input.Step, weights[c].Step)
                            : RequantizationScale.InverseStep(step, 1)),
                    };
            }),
        ];

    /// <summary>From values of one step, by the kind that the profile states.</summary>
    /// <param name="kind">The formula.</param>
    /// <param name="step">Real value of one raw step of the source.</param>
    /// <param name="fractionBits">F when the step is 2^-F, else null.</param>
    public Requantization From(RequantizeKind kind, double step, int? fractionBits) =>
        Own(step) ?? kind switch
        {
            RequantizeKind.Cast or RequantizeKind.Shift => Shift(kind, fractionBits),
            RequantizeKind.Real or RequantizeKind.RealOnce => Real(kind, step, 1),
            RequantizeKind.MultiplierDouble or RequantizeKind.MultiplierSingle =>
                Multiplier(kind, step / output.Scale.Step),
        };

    /// <summary>From products of two tensors.</summary>
    /// <param name="kind">The formula.</param>
    /// <param name="first">Step of one.</param>
    /// <param name="second">Step of the other.</param>
    /// <param name="fractionBits">F when a product's step is 2^-F, else null.</param>
    public Requantization OfProducts(
        RequantizeKind kind, double first, double second, int? fractionBits) =>
        kind is RequantizeKind.MultiplierDouble or RequantizeKind.MultiplierSingle
            && output.Unit == QuantizerUnit.Requantization
            ? Multiplier(kind, RequantizationScale.Ratio(
                stages.Requantize.ScaleOrder, first, second, output.Scale.Step))
            : From(kind, first * second, fractionBits);

    /// <summary>What the network says instead of the profile; null where it says nothing.</summary>
    /// <param name="step">Real value of one raw step of the source.</param>
    private Requantization? Own(double step) => output.Unit switch
    {
        QuantizerUnit.Sign => Sign(),
        QuantizerUnit.Shift => Dropping(step),
        _ => null,
    };

    /// <summary>
    /// <c>Clamp(2 raw + 1, -1, 1)</c>: +1 for sums of 0 and more, else -1. A clamp before it
    /// decides where it leaves one sign alone.
    /// </summary>
    private Requantization Sign()
    {
        Requantization template = Template(RequantizationKind.Shift);
        return template with
        {
            Output = template.Output with { Shift = -1, Rounding = RoundingMode.TowardNegative },
            ZeroPoint = 1,
            ClampMin = clamp.Low >= 0 ? 1 : -1,
            ClampMax = clamp.High < 0 ? -1 : 1,
        };
    }

    private Requantization Dropping(double step)
    {
        double bits = Math.Log2(output.Scale.Step / step), whole = Math.Round(bits);
        return Math.Abs(bits - whole) < 1e-5
            ? Shifted((int)whole, output.Format.Rounding, output.Scale.ZeroPoint)
            : throw refuse(
                "requantize", FormattableString.Invariant(
                    $"bits are dropped from steps of {step:g6} to steps of {output.Scale.Step:g6}")
                    + ", which no shift does");
    }

    private Requantization Multiplier(RequantizeKind kind, double ratio) =>
        kind == RequantizeKind.MultiplierDouble
            ? WithDoubleRounding(ratio)
            : WithSingleRounding(ratio);

    private Requantization Real(RequantizeKind kind, double input, double weight)
    {
        Requantization template = Template(
            kind == RequantizeKind.Real ? RequantizationKind.Real : RequantizationKind.RealOnce);
        return template with
        {
            Output = template.Output with
            {
                Rounding = stages.Requantize.Rounding ?? RoundingMode.NearestTiesToEven,
            },
            RealScale = RequantizationScale.Of(
                stages.Requantize.ScaleOrder, input, weight, output.Scale.Step),
        };
    }

    /// <summary>All but the numbers that a layer has.</summary>
    public Requantization Template(RequantizationKind kind)
    {
        (long min, long max) = clamp.Raw(output.Scale);
        return new()
        {
            Kind = kind,
            Output = output.Target with { Dialect = stages.Dialect },
            ZeroPoint = output.Scale.ZeroPoint,
            ClampMin = min,
            ClampMax = max,
        };
    }

    private Requantization Shift(RequantizeKind kind, int? fractionBits)
    {
        if (fractionBits - output.Scale.FractionBits is not int shift)
            throw refuse(
                "requantize.kind",
                "cast and shift need power-of-two scales (use multiplier or real)");
        return ShiftedBy(kind, shift);
    }

    /// <summary>A shift, rounded as the profile does.</summary>
    /// <param name="kind">Cast or shift.</param>
    /// <param name="shift">Bits to drop; negative for bits gained.</param>
    public Requantization ShiftedBy(RequantizeKind kind, int shift)
    {
        Requantization template = Template(RequantizationKind.Shift);
        return template with
        {
            Output = template.Output with
            {
                Shift = shift,
                Rounding = kind == RequantizeKind.Shift
                    ? stages.Requantize.Rounding ?? stages.Output.Rounding
                    : stages.Output.Rounding,
            },
        };
    }

    /// <summary>One shift of values that are in multiples of the output's step.</summary>
    /// <param name="shift">Bits to drop, 0 or more.</param>
    /// <param name="rounding">How.</param>
    /// <param name="zeroPoint">What is added then.</param>
    public Requantization Shifted(int shift, RoundingMode rounding, int zeroPoint)
    {
        Requantization template = Template(RequantizationKind.Shift);
        return template with
        {
            Output = template.Output with { Shift = shift, Rounding = rounding },
            ZeroPoint = zeroPoint,
        };
    }

    /// <summary>With 32 bits, whatever multiply-accumulate layers have.</summary>
    private Requantization WithDoubleRounding(double ratio)
    {
        FixedMultiplier m = FixedMultiplier.Of(ratio, 32);
        return WithMultiplier(
            RequantizationKind.MultiplierDouble, ratio, m.Value, -m.Exponent, least: -30, most: 31);
    }

    private Requantization WithSingleRounding(double ratio)
    {
        int bits = stages.Requantize.MultiplierBits;
        FixedMultiplier m = FixedMultiplier.Of(ratio, 32).Reduced(bits);
        return WithMultiplier(
            RequantizationKind.MultiplierSingle, ratio, m.Value, bits - 1 - m.Exponent, least: 1,
            most: 62);
    }

    /// <summary>
    /// A ratio below the smallest one maps every accumulator to the zero point: multiplier 0.
    /// </summary>
    private Requantization WithMultiplier(
        RequantizationKind kind, double ratio, int multiplier, int shift, int least, int most)
    {
        if (shift < least)
            throw refuse("requantize", $"the scale ratio {ratio:g4} is too large for a multiplier");
        return Template(kind) with
        {
            Multiplier = shift > most ? 0 : multiplier,
            MultiplierShift = Math.Min(shift, most),
        };
    }
}
