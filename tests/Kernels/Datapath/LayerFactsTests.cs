using System.Collections.Immutable;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Datapath;

/// <summary>What layers say of themselves, against what the reference does.</summary>
public sealed class LayerFactsTests
{
    private const int Images = 3;
    private const long FarAway = 1L << 20;

    private static readonly ReferenceBackend Reference = new();

    [Fact]
    public void IsStochastic_ManyPrograms_SaysWhereTheIndexOfAnImageCounts()
    {
        int stochastic = 0, differs = 0;
        for (int seed = 0; seed < 600; seed++)
        {
            QuantizedProgram program = ProgramGenerator.Program(seed);
            using IProgramRunner runner = Reference.Load(program);
            long[] inputs = ProgramGenerator.Inputs(program, Images, seed);
            long[] here = runner.Run(inputs, Images, RunOptions.Default).Outputs;
            long[] there = runner
                .Run(inputs, Images, RunOptions.Default with { FirstImage = FarAway })
                .Outputs;
            if (!program.IsStochastic)
                Assert.True(here.SequenceEqual(there), $"seed {seed}: outputs are random");
            stochastic += program.IsStochastic ? 1 : 0;
            differs += here.SequenceEqual(there) ? 0 : 1;
        }

        Assert.InRange(stochastic, 30, 250);
        Assert.InRange(differs, 10, stochastic);
    }

    [Fact]
    public void IsStochastic_LayersThatRoundOtherwise_SayNo()
    {
        var kinds = new HashSet<Type>();
        for (int seed = 0; seed < 300; seed++)
            foreach (ProgramLayer layer in ProgramGenerator.Program(seed).Layers)
                if (!layer.IsStochastic)
                    kinds.Add(layer.GetType());
        Assert.Equal(
            typeof(ProgramLayer).Assembly.GetTypes()
                .Count(t => t.IsSubclassOf(typeof(ProgramLayer))),
            kinds.Count);
    }

    /// <summary>A table has a property's integers, and a copy has others in their place.</summary>
    [Fact]
    public void Tables_ManyPrograms_AreWhatLayersHold()
    {
        var kinds = new HashSet<Type>();
        foreach (ProgramLayer layer in Enumerable.Range(0, 300)
            .SelectMany(seed => ProgramGenerator.Program(seed).Layers))
        {
            ImmutableArray<int>[] held =
            [
                .. layer.GetType().GetProperties()
                    .Where(p => p.PropertyType == typeof(ImmutableArray<int>))
                    .Select(p => (ImmutableArray<int>)p.GetValue(layer)!),
            ];
            for (int i = 0; i < layer.Tables.Length; i++)
            {
                kinds.Add(layer.GetType());
                Assert.Contains(layer.Tables[i].Entries, held);
                ProgramLayer other = layer.Tables[i].With(layer, [9]);
                for (int j = 0; j < layer.Tables.Length; j++)
                    Assert.Equal(
                        j == i ? [9] : layer.Tables[j].Entries.ToArray(),
                        other.Tables[j].Entries.ToArray());
            }
        }

        Assert.Equal(
            ["FloatMacLayer", "LookupLayer", "RearrangeLayer", "SoftmaxLayer"],
            kinds.Select(k => k.Name).Order());
    }

    [Fact]
    public void Ranges_ManyPrograms_HoldWhatTensorsHold()
    {
        int narrower = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            QuantizedProgram program = ProgramGenerator.Program(seed);
            RawRange[] ranges = program.Ranges();
            using IProgramRunner runner = Reference.Load(program);
            RunResult run = runner.Run(
                ProgramGenerator.Inputs(program, Images, seed), Images,
                RunOptions.Default with { Taps = [.. Enumerable.Range(0, ranges.Length)] });
            for (int t = 0; t < ranges.Length; t++)
            {
                Assert.True(
                    run.Taps[t].All(v => v >= ranges[t].Low && v <= ranges[t].High),
                    $"seed {seed}: tensor {t} leaves {ranges[t]}");
                narrower += ranges[t] == RawRange.Of(program.Tensor(t)) ? 0 : 1;
            }
        }

        Assert.InRange(narrower, 100, int.MaxValue);
    }

    [Fact]
    public void Facts_AskedAgain_AreTheSame()
    {
        MacLayer layer = Dense(lanes: 0);
        Assert.Same(layer.Facts, layer.Facts);
        Assert.Equal(layer.Facts.Laws, layer.Facts.Laws);
    }

    [Fact]
    public void Facts_OfAChangedCopy_AreItsOwn()
    {
        MacLayer all = Dense(lanes: 0);
        Assert.Equal((12, true), (all.Facts.Lanes, all.Facts.HasSinglePartial));
        MacLayer five = all with { Mac = all.Mac with { Lanes = 5 } };
        Assert.Equal((5, false), (five.Facts.Lanes, five.Facts.HasSinglePartial));
        MacLayer atEnd = five with { Mac = five.Mac with { When = AccumulatorUpdate.End } };
        Assert.Equal((12, true), (atEnd.Facts.Lanes, atEnd.Facts.StartsFromBias));
    }

    [Fact]
    public void Equals_FactsAskedOfOne_StaysTrue()
    {
        MacLayer layer = Dense(lanes: 1);
        MacLayer copy = layer with { };
        Assert.Equal(1, layer.Facts.Lanes);
        Assert.Equal(layer, copy);
        Assert.Equal(layer.GetHashCode(), copy.GetHashCode());
        Assert.NotEqual(layer, layer with { Name = "other" });
    }

    private static MacLayer Dense(int lanes)
    {
        var layer = (MacLayer)ProgramGenerator.Dense(seed: 1, depth: 12, outputs: 3).Layers[0];
        return layer with
        {
            Mac = layer.Mac with { Lanes = lanes, When = AccumulatorUpdate.EveryUpdate },
        };
    }
}
