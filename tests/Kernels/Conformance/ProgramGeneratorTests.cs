using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Conformance;

/// <summary>
/// The generator is worth its comparisons only if its programs reach what they are to compare.
/// </summary>
public sealed class ProgramGeneratorTests
{
    private static readonly QuantizedProgram[] Programs =
        [.. Enumerable.Range(0, 300).Select(ProgramGenerator.Program)];

    [Fact]
    public void Program_ManySeeds_ReachEveryLayerType()
    {
        IEnumerable<Type> all = typeof(ProgramLayer).Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(ProgramLayer)));
        IEnumerable<Type> reached = Programs
            .SelectMany(p => p.Layers)
            .Select(l => l.GetType())
            .Distinct();
        Assert.Equal(all.OrderBy(t => t.Name), reached.OrderBy(t => t.Name));
    }

    /// <summary>
    /// A layer's integers are tables, kept apart in files, or one for each channel. A type that
    /// forgets to name its table is found here: its integers would be among the settings.
    /// </summary>
    [Fact]
    public void Tables_EveryLayerType_HaveItsIntegersButThoseOfChannels()
    {
        Assert.Equal(
            [
                "DynamicRescaleLayer.Bias", "DynamicRescaleLayer.WeightSteps",
                "FloatAffineLayer.Factors", "FloatAffineLayer.Shifts",
                "FloatMacLayer.Bias", "FloatNormLayer.Factors", "FloatNormLayer.Shifts",
            ],
            Programs.SelectMany(p => p.Layers).Where(l => l is not MacLayer)
                .SelectMany(l => l.GetType().GetProperties()
                    .Where(p => p.PropertyType == typeof(ImmutableArray<int>)
                        && p.Name != nameof(ProgramLayer.Inputs)
                        && p.SetMethod is not null
                        && !l.Tables.Any(t => t.Entries == (ImmutableArray<int>)p.GetValue(l)!))
                    .Select(p => $"{l.GetType().Name}.{p.Name}"))
                .Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Program_ManySeeds_ReachEveryModeOfTheAccumulator()
    {
        MacSpec[] units =
        [
            .. Programs.SelectMany(p => p.Layers).OfType<MacLayer>().Select(l => l.Mac),
        ];
        Assert.Equal(
            Enum.GetValues<RoundingMode>(),
            units.Select(m => m.Update.Rounding).Distinct().Order());
        Assert.Equal(
            Enum.GetValues<OverflowMode>(),
            units.Select(m => m.Update.Overflow).Distinct().Order());
        Assert.Equal(
            Enum.GetValues<ReductionOrder>(), units.Select(m => m.Order).Distinct().Order());
        Assert.Contains(units, m => m is { When: AccumulatorUpdate.End, Bias: BiasPosition.Last });
        Assert.Contains(
            units,
            m => m is { InputOffset: not 0, Lanes: > 1, ProductStage: ProductStage.Converted });
    }

    [Fact]
    public void Program_ManySeeds_OverflowAtEveryStageButNotAlways()
    {
        var backend = new ReferenceBackend();
        var counts = Enum.GetValues<EventStage>()
            .ToDictionary(s => s, _ => (Overflowed: 0L, Inexact: 0L, All: 0L));
        foreach (QuantizedProgram program in Programs.Take(900))
        {
            using IProgramRunner runner = backend.Load(program);
            RunResult result = runner.Run(
                ProgramGenerator.Inputs(program, 2, 1), 2, RunOptions.WithEvents);
            foreach ((LayerEvents events, ProgramLayer layer) in result.Events.Zip(program.Layers))
            {
                foreach (StageEvents stage in events.Stages)
                {
                    (long overflowed, long inexact, long all) = counts[stage.Stage];
                    counts[stage.Stage] = (
                        overflowed + stage.Overflowed.Sum(),
                        inexact + stage.Inexact.Sum(),
                        all + (2 * layer.Output.Shape.Length));
                }
            }
        }

        Assert.All(
            counts,
            c => Assert.InRange(c.Value.Overflowed, c.Value.All / 20, c.Value.All * 9 / 10));
        Assert.All(counts, c => Assert.InRange(c.Value.Inexact, 1, c.Value.All - 1));
    }
}
