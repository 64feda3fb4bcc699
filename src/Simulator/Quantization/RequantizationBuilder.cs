using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>From the profile's kind of requantization and the layer's scales to multipliers and shifts.</summary>
internal static class RequantizationBuilder
{
    public static ImmutableArray<Requantization> Build(
        Func<string, string, Exception> refuse,
        LayerDatapath stages,
        AccumulatorPoint point,
        TensorType output,
        TensorScale outputScale,
        bool isClamped)
    {
        ConversionSpec range = RealConversion.Target(stages.Output, output.IsSigned) with { Dialect = stages.Dialect };
        var template = new Requantization
        {
            Kind = Kind(stages.Requantize.Kind),
            Output = range,
            ZeroPoint = output.ZeroPoint,
            ClampMin = isClamped ? output.ZeroPoint : long.MinValue,
            ClampMax = long.MaxValue,
        };
        return [.. point.Steps.Select((step, c) => stages.Requantize.Kind switch
        {
            RequantizeKind.Cast => template with
            {
                Output = range with
                {
                    Shift = Shift(refuse, point.FractionBits[c], outputScale),
                    Rounding = stages.Output.Rounding,
                },
            },
            RequantizeKind.Shift => template with
            {
                Output = range with
                {
                    Shift = Shift(refuse, point.FractionBits[c], outputScale),
                    Rounding = stages.Requantize.Rounding,
                },
            },
            RequantizeKind.Real => template with { RealScale = (float)(step / outputScale.Step) },
            _ => WithMultiplier(refuse, template, stages.Requantize, step / outputScale.Step),
        })];
    }

    private static RequantizationKind Kind(RequantizeKind kind) => kind switch
    {
        RequantizeKind.MultiplierDouble => RequantizationKind.MultiplierDouble,
        RequantizeKind.MultiplierSingle => RequantizationKind.MultiplierSingle,
        RequantizeKind.Real => RequantizationKind.Real,
        _ => RequantizationKind.Shift,
    };

    private static int Shift(Func<string, string, Exception> refuse, int? fraction, TensorScale output) =>
        fraction - output.FractionBits
        ?? throw refuse("requantize.kind", "cast and shift need power-of-two scales (use multiplier or real)");

    /// <summary>
    /// <c>ratio = m * 2^-(B-1) * 2^exponent</c> with m of B bits, its sign bit counted, normalised to
    /// [2^(B-2), 2^(B-1)): TFLite's QuantizeMultiplier for B = 32.
    /// </summary>
    private static Requantization WithMultiplier(
        Func<string, string, Exception> refuse, Requantization template, RequantizeStage stage, double ratio)
    {
        int bits = stage.MultiplierBits - 1;
        int exponent = Math.ILogB(ratio) + 1;
        long multiplier = (long)Math.Round(Math.ScaleB(ratio, bits - exponent), MidpointRounding.AwayFromZero);
        if (multiplier == 1L << bits) (multiplier, exponent) = (multiplier / 2, exponent + 1);
        bool isDouble = template.Kind == RequantizationKind.MultiplierDouble;
        int shift = isDouble ? -exponent : bits - exponent;
        if (isDouble && stage.MultiplierBits != 32)
            throw refuse("requantize.multiplier_bits", $"double rounding is defined for 32 bits, not {stage.MultiplierBits}");
        // A ratio this small maps every accumulator to the zero point.
        if (shift > (isDouble ? 31 : 62)) (multiplier, shift) = (0, isDouble ? 31 : 62);
        if (shift < (isDouble ? -30 : 1))
            throw refuse("requantize", $"the scale ratio {ratio:g4} is too large for a multiplier");
        return template with { Multiplier = (int)multiplier, MultiplierShift = shift };
    }
}
