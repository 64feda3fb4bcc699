using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Kernels.Ranges;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Ranges;

/// <summary>
/// The laws against the reference: where one claims something, no input may refute it.
/// </summary>
public sealed class AccumulationLawTests
{
    private static readonly ReferenceBackend Reference = new();

    [Fact]
    public void Of_ExactChannels_NeverOverflow()
    {
        int exact = 0;
        ForLayers(
            (program, layer, laws, seed) =>
            {
                long[] overflowed = Run(program, seed)
                    .Events[0]
                    .Stages.Single(s => s.Stage == EventStage.Accumulator)
                    .Overflowed;
                for (int channel = 0; channel < laws.Length; channel++)
                {
                    if (laws[channel].Law != AccumulationLaw.Exact)
                        continue;
                    exact++;
                    Assert.True(
                        overflowed[channel] == 0, $"{program.Name}: channel {channel} overflows");
                }
            }
        );
        Assert.InRange(exact, 100, int.MaxValue);
    }

    [Fact]
    public void Of_ExactAndModularChannels_EqualTheirSum()
    {
        int sums = 0;
        ForLayers(
            (program, layer, laws, seed) =>
            {
                if (layer.Mac.ProductStage == ProductStage.Converted)
                    return;
                for (int channel = 0; channel < laws.Length; channel++)
                {
                    if (laws[channel].Law is not (AccumulationLaw.Exact or AccumulationLaw.Modular))
                        continue;
                    sums++;
                    MacTrace trace = MacTracer.Trace(
                        program, 0, ProgramGenerator.Inputs(program, 1, seed), new(0, channel, 0));
                    Assert.Equal(
                        Sum(layer, trace, laws[channel], channel), trace.Updates[^1].Accumulator);
                }
            }
        );
        Assert.InRange(sums, 100, int.MaxValue);
    }

    [Fact]
    public void Of_EveryChannel_HoldsThePartialSums() =>
        ForLayers(
            (program, layer, laws, seed) =>
            {
                for (int channel = 0; channel < laws.Length; channel++)
                {
                    long sum = 0;
                    foreach (
                        MacProduct product in MacTracer
                            .Trace(
                                program, 0, ProgramGenerator.Inputs(program, 1, seed),
                                new(0, channel, 0))
                            .Products
                    )
                    {
                        sum += product.Value;
                        Assert.InRange(
                            sum, (long)laws[channel].Products.Low,
                            (long)laws[channel].Products.High);
                    }
                }
            }
        );

    /// <summary>
    /// Terms rounded one by one where the law says so, added in any order, wrapped once.
    /// </summary>
    private static long Sum(MacLayer layer, MacTrace trace, AccumulatorLaw law, int channel)
    {
        MacSpec mac = layer.Mac;
        long sum = layer.Bias[channel];
        foreach (MacProduct[] group in trace.Products.Chunk(layer.Facts.Lanes).Reverse())
        {
            long partial = group.Sum(p => p.Value) << mac.PartialAlign;
            sum += law.RoundsTerms
                ? Rounding.ShiftRight(partial, mac.Update.Shift, mac.Update.Rounding)
                : partial >> mac.Update.Shift;
        }

        return law.Law == AccumulationLaw.Exact ? sum : Overflow.Fit(sum, 0, mac.Update);
    }

    private static RunResult Run(QuantizedProgram program, int seed)
    {
        using IProgramRunner runner = Reference.Load(program);
        return runner.Run(ProgramGenerator.Inputs(program, 4, seed), 4, RunOptions.WithEvents);
    }

    private static void ForLayers(
        Action<QuantizedProgram, MacLayer, ImmutableArray<AccumulatorLaw>, int> check)
    {
        for (int seed = 0; seed < 300; seed++)
        {
            QuantizedProgram program = ProgramGenerator.Dense(seed, 1 + (seed % 40), 5);
            var layer = (MacLayer)program.Layers[0];
            check(program, layer, layer.Facts.Laws, seed);
        }
    }
}
