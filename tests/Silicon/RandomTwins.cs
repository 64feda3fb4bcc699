using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;
using QSim.Silicon.Cost;

namespace QSim.Silicon.Tests;

/// <summary>Random layers that have a twin, with what they read.</summary>
internal static class RandomTwins
{
    private const int OutputsEach = 24;

    /// <summary>One in so many has operands of up to 32 bits.</summary>
    private const int WideEvery = 4;

    /// <summary>The twin of a random layer, vectors of some of its outputs with it.</summary>
    public static MacTwin Of(int seed) => Of(seed, $"twin{seed}");

    /// <summary>The same by another name.</summary>
    public static MacTwin Of(int seed, string name)
    {
        (QuantizedProgram program, Choices choose) = Found(seed);
        var twin = new MacTwin(program, 0, name);
        AddOutputs(program, choose, twin.Add);
        return twin;
    }

    /// <summary>The same layer's unit as it is synthesised, the layer by some name.</summary>
    public static CostUnit CostUnit(int seed, string name)
    {
        (QuantizedProgram program, Choices choose) = Found(seed);
        program = program with { Layers = [program.Layers[0] with { Name = name }] };
        var unit = new CostUnit(program, 0);
        AddOutputs(program, choose, unit.Add);
        return unit;
    }

    /// <summary>The same layer by itself.</summary>
    public static MacLayer Layer(int seed) => (MacLayer)Found(seed).Program.Layers[0];

    private static (QuantizedProgram Program, Choices Choose) Found(int seed)
    {
        for (int attempt = 0; ; attempt++)
        {
            var choose = new Choices(unchecked((seed * 131) + attempt));
            QuantizedProgram program = Program(choose, seed);
            if (ProgramLimits.WhyNot(program) is null && MacTwin.WhyNot(program, 0) is null)
                return (program, choose);
        }
    }

    private static void AddOutputs(
        QuantizedProgram program, Choices choose, Action<ElementAddress, long[]> add)
    {
        TensorShape shape = program.Layers[0].Output.Shape;
        long[][] images =
        [
            .. Enumerable.Range(0, 3).Select(_ => ProgramGenerator.Inputs(program, 1, choose)),
        ];
        for (int i = 0; i < OutputsEach; i++)
        {
            int image = choose.Between(0, images.Length - 1);
            add(
                new(
                    image, choose.Between(0, shape.Channels - 1),
                    choose.Between(0, shape.Positions - 1)), images[image]);
        }
    }

    private static QuantizedProgram Program(Choices choose, int seed)
    {
        TensorType input = choose.Type(
            new(choose.Between(1, 5), choose.Between(1, 5), choose.Between(1, 5)));
        if (seed % WideEvery == 0)
            input = new(input.Shape, choose.Between(1, 32), choose.Chance(0.6), 1);
        MacLayer layer = RandomMac.Convolution(choose, "layer", 0, input);
        if (seed % WideEvery == 0) layer = Wide(choose, layer);
        return new(
            $"twin {seed}",
            new(input, RoundingMode.NearestTiesToEven, OverflowMode.Saturate),
            [layer with { Requantization = Alike(choose, layer) }],
            (ulong)seed * 0x9E3779B97F4A7C15);
    }

    /// <summary>The layer with weights and an accumulator of any width.</summary>
    private static MacLayer Wide(Choices choose, MacLayer layer)
    {
        // Weights are held as 32 bits with a sign.
        int weightBits = choose.Between(1, 32);
        bool isSigned = weightBits == 32 || choose.Chance(0.8);
        FixedFormat weight = new(weightBits, 0, isSigned);
        ConversionSpec update = choose.Conversion(
            choose.Between(1, 60), layer.Mac.Update.IsSigned, layer.Mac.Update.Shift);
        return layer with
        {
            WeightBits = weightBits,
            WeightsSigned = isSigned,
            Weights =
            [
                .. layer.Weights.Select(_ => (int)choose.Raw(weight.MinRaw, weight.MaxRaw)),
            ],
            Mac = layer.Mac with { Update = update },
            Bias = [.. layer.Bias.Select(_ => choose.Raw(update.Min, update.Max))],
            Requantization =
            [
                .. layer.Requantization.Select(_ =>
                    Requantizations.Of(choose, update.Bits, layer.Output)),
            ],
        };
    }

    /// <summary>Channels of one unit differ in multipliers and shifts alone.</summary>
    private static ImmutableArray<Requantization> Alike(Choices choose, MacLayer layer)
    {
        Requantization first = layer.Requantization[0];
        bool varies = choose.Chance(0.5);
        return
        [
            .. layer.Requantization.Select(r => !varies ? first
                : first.Kind == RequantizationKind.Real
                    ? first with { RealScale = first.RealScale * choose.Real(-2, 2) }
                : first.Kind == RequantizationKind.Shift
                    ? first with { Output = Shifted(first.Output, choose.Between(-2, 3)) }
                : first with
                {
                    Multiplier = choose.Between(int.MinValue, int.MaxValue),
                    MultiplierShift = Math.Clamp(
                        first.MultiplierShift + choose.Between(-3, 3),
                        first.Kind == RequantizationKind.MultiplierSingle ? 1 : -8, 60),
                }),
        ];
    }

    private static ConversionSpec Shifted(ConversionSpec spec, int by) =>
        spec.Rounding == RoundingMode.Stochastic ? spec : spec with { Shift = spec.Shift + by };
}
