using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Properties;

/// <summary>
/// The equivalences of ARITHMETIC.md section 7, each a theorem about the reference backend.
/// </summary>
public sealed class EquivalenceProperties
{
    /// <summary>Wide enough for any sum of these layers, and any multiplier after it.</summary>
    private static readonly ConversionSpec Wide = ConversionSpec.Into(
        new FixedFormat(32, 0, true), 0, RoundingMode.TowardNegative, OverflowMode.Saturate);

    [Fact]
    public void Wrap_AnyOrderAndLanes_EqualsWrappingOnceAtTheEnd() =>
        Property.ForAll(
            150,
            choose =>
            {
                (MacLayer layer, long[] input) = Layer(
                    choose,
                    mac =>
                        mac with
                        {
                            // Stochastic products would draw by their place in the order.
                            Product = mac.Product with
                            {
                                Rounding = RoundingMode.NearestTiesToEven,
                            },
                            AccumulatorAlign = 0,
                            Update = ConversionSpec.Into(
                                new FixedFormat(choose.Between(2, 20), 0, choose.Chance(0.8)), 0,
                                RoundingMode.TowardNegative, OverflowMode.Wrap),
                        }
                );
                AssertSameAccumulators(layer, Reordered(layer, choose), input);
                AssertSameAccumulators(
                    layer, WithUnit(layer, layer.Mac with { When = AccumulatorUpdate.End }), input);
            }
        );

    public static TheoryData<RoundingMode> Commuting =>
        [.. Enum.GetValues<RoundingMode>().Where(Rounding.CommutesWithWholeSteps)];

    public static TheoryData<RoundingMode> Others =>
    [
        .. Enum.GetValues<RoundingMode>().Where(
            m => m != RoundingMode.Stochastic && !Rounding.CommutesWithWholeSteps(m)),
    ];

    [Theory]
    [MemberData(nameof(Commuting))]
    public void CommutingModes_RoundingEveryUpdate_EqualsRoundingProductsBeforehand(
        RoundingMode mode) =>
        Property.ForAll(150, choose => Assert.True(RoundsAlike(mode, choose)));

    [Theory]
    [MemberData(nameof(Others))]
    public void OtherModes_RoundingEveryUpdate_SometimesDiffers(RoundingMode mode) =>
        Assert.Contains(Enumerable.Range(0, 200), seed => !RoundsAlike(mode, new Choices(seed)));

    [Fact]
    public void Saturation_NoReachablePartialSumOutside_EqualsAnExactSum() =>
        AssertExactWithin((layer, _, channel) => Reachable(layer, channel));

    [Fact]
    public void Saturation_TermsOfThisInputInside_NoOrderOverflows() =>
        AssertExactWithin(
            (layer, input, channel) =>
            {
                long[] products = [.. Trace(layer, input, channel).Products.Select(p => p.Exact)];
                return (products.Where(p => p < 0).Sum(), products.Where(p => p > 0).Sum());
            }
        );

    [Fact]
    public void Outputs_InAnyOrder_DoNotMeet() =>
        Property.ForAll(
            100,
            choose =>
            {
                (MacLayer layer, long[] input) = Layer(choose, mac => mac);
                for (int channel = 0; channel < layer.Output.Shape.Channels; channel++)
                {
                    var alone = layer with
                    {
                        Output = layer.Output with { Shape = new(1) },
                        Weights = [.. layer.Weights.Skip(channel * layer.Depth).Take(layer.Depth)],
                        Bias = [layer.Bias[channel]],
                        Requantization = [layer.Requantization[channel]],
                    };
                    if (Stochastic(layer))
                        continue;
                    Assert.Equal(
                        Trace(layer, input, channel).Output, Trace(alone, input, 0).Output);
                }
            }
        );

    /// <summary>
    /// Where the bounds stay inside the accumulator, no order overflows and the sum is exact.
    /// </summary>
    private static void AssertExactWithin(Func<MacLayer, long[], int, (long Low, long High)> bounds)
    {
        int inside = 0;
        int outside = 0;
        Property.ForAll(
            200,
            choose =>
            {
                (MacLayer layer, long[] input) = Layer(
                    choose,
                    mac =>
                        mac with
                        {
                            AccumulatorAlign = 0,
                            PartialAlign = 0,
                            ProductStage = ProductStage.Exact,
                            Update = choose.Conversion(choose.Between(9, 24), true, 0) with
                            {
                                SaturationBits = 0,
                            },
                        }
                );
                for (int channel = 0; channel < layer.Output.Shape.Channels; channel++)
                {
                    if (!StaysInside(layer, bounds(layer, input, channel), channel))
                    {
                        outside++;
                        continue;
                    }

                    inside++;
                    AssertExact(layer, input, channel);
                    AssertExact(Reordered(layer, choose), input, channel);
                }
            }
        );
        Assert.True(
            inside > 20 && outside > 20, $"{inside} inside and {outside} outside say too little");
    }

    private static bool RoundsAlike(RoundingMode mode, Choices choose)
    {
        int dropped = choose.Between(1, 5);
        (MacLayer layer, long[] input) = Layer(
            choose,
            mac =>
                mac with
                {
                    ProductStage = ProductStage.Exact,
                    AccumulatorAlign = dropped,
                    PartialAlign = 0,
                    Update = Wide with { Shift = dropped, Rounding = mode },
                    When = AccumulatorUpdate.EveryUpdate,
                    Lanes = 1,
                }
        );
        MacLayer beforehand = WithUnit(
            layer,
            layer.Mac with
            {
                ProductStage = ProductStage.Converted,
                Product = Wide with { Shift = dropped, Rounding = mode },
                AccumulatorAlign = 0,
                Update = Wide,
            }
        );
        return Accumulators(layer, input).SequenceEqual(Accumulators(beforehand, input));
    }

    private static (MacLayer Layer, long[] Input) Layer(
        Choices choose, Func<MacSpec, MacSpec> change)
    {
        for (int attempt = 0; attempt < 200; attempt++)
        {
            if (ProgramGenerator.TryDense(choose, choose.Between(1, 60), choose.Between(1, 4))
                is not { } program)
                continue;
            var layer = (MacLayer)program.Layers[0];
            layer = WithUnit(layer, change(layer.Mac));
            layer = layer with
            {
                Bias =
                [
                    .. layer.Bias.Select(b =>
                        Math.Clamp(b, layer.Mac.Update.Min, layer.Mac.Update.Max)
                    ),
                ],
            };
            if (ProgramLimits.WhyNot(program with { Layers = [layer] }) is null)
                return (layer, ProgramGenerator.Inputs(program, 1, choose));
        }

        throw new NoCaseException();
    }

    private static MacLayer WithUnit(MacLayer layer, MacSpec mac) => layer with { Mac = mac };

    private static MacLayer Reordered(MacLayer layer, Choices choose) => WithUnit(
        layer,
        layer.Mac with
        {
            Order = ReductionOrder.Interleave,
            Interleave = choose.Between(1, 9),
            Lanes = choose.Between(0, 9),
            Bias = choose.OfEnum<BiasPosition>(),
        });

    private static bool Stochastic(MacLayer layer) =>
        layer.Mac.Update.Rounding == RoundingMode.Stochastic
        || layer.Mac.Product.Rounding == RoundingMode.Stochastic
        || layer.Requantization.Any(r => r.Output.Rounding == RoundingMode.Stochastic);

    /// <summary>
    /// The sums of the negative and of the positive contributions over every legal input.
    /// </summary>
    private static (long Low, long High) Reachable(MacLayer layer, int channel)
    {
        long least = layer.Input.MinRaw - layer.Mac.InputOffset;
        long most = layer.Input.MaxRaw - layer.Mac.InputOffset;
        long[] weights =
        [
            .. layer.Weights.Skip(channel * layer.Depth).Take(layer.Depth).Select(w => (long)w),
        ];
        return (
            weights.Sum(w => Math.Min(0, Math.Min(w * least, w * most))),
            weights.Sum(w => Math.Max(0, Math.Max(w * least, w * most))));
    }

    /// <summary>
    /// True when the bounds and the bias, wherever it enters, stay inside the accumulator.
    /// </summary>
    private static bool StaysInside(MacLayer layer, (long Low, long High) bounds, int channel)
    {
        long bias = layer.Bias[channel];
        return Math.Min(0, bias) + bounds.Low >= Overflow.LowestKept(layer.Mac.Update)
            && Math.Max(0, bias) + bounds.High <= layer.Mac.Update.Max;
    }

    private static void AssertExact(MacLayer layer, long[] input, int channel)
    {
        MacTrace trace = Trace(layer, input, channel);
        Assert.All(trace.Updates, u => Assert.False(u.Events.HasFlag(ConversionEvents.Overflowed)));
        Assert.Equal(
            layer.Bias[channel] + trace.Products.Sum(p => p.Exact), trace.Updates[^1].Accumulator);
    }

    private static void AssertSameAccumulators(MacLayer a, MacLayer b, long[] input) =>
        Assert.Equal(Accumulators(a, input), Accumulators(b, input));

    private static long[] Accumulators(MacLayer layer, long[] input) =>
        [
            .. Enumerable
                .Range(0, layer.Output.Shape.Channels)
                .Select(c => Trace(layer, input, c).Updates[^1].Accumulator),
        ];

    private static MacTrace Trace(MacLayer layer, long[] input, int channel) =>
        MacTracer.Trace(
            new(
                "property", new(layer.Input, RoundingMode.TowardNegative, OverflowMode.Wrap),
                [layer]),
            0,
            input,
            new ElementAddress(0, channel, 0)
        );
}
