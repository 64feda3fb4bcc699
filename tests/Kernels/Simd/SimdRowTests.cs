using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Simd;

/// <summary>
/// Every row of the list of loops: some layers are its own, and whatever layer it takes it gives
/// the reference's bits and events.
/// </summary>
public sealed class SimdRowTests
{
    private const int Images = 5;

    /// <summary>How many layers a row is compared on; there is enough of each.</summary>
    private const int Compared = 25;

    private static readonly QuantizedProgram[] Programs =
    [
        .. from kind in Enum.GetValues<FastKind>()
           from seed in Enumerable.Range(0, 40)
           select FastLayers.Program(kind, seed),
        .. Enumerable.Range(0, 200)
            .Select(seed => ProgramGenerator.Dense(seed, 1 + seed, 1 + (seed % 40))),
        .. Enumerable.Range(0, 100).Select(Wide).Where(p => ProgramLimits.WhyNot(p) is null),
    ];

    public static TheoryData<string> Rows => [.. SimdBackend.Rows.Select(r => r.Name)];

    /// <summary>The row that runs a program's first layer without events.</summary>
    public static string RowOf(QuantizedProgram program, string? forced = null) =>
        new SimdBackend(forced).LoopsOf(program)[0].Split(' ')[0];

    [Fact]
    public void Rows_HaveNamesAndSummaries()
    {
        Assert.Distinct(SimdBackend.Rows.Select(r => r.Name));
        Assert.All(SimdBackend.Rows, r => Assert.True(r.Summary.Length is > 20 and < 100, r.Name));
    }

    /// <summary>A row that no layer prefers would be one that nothing tests.</summary>
    [Fact]
    public void Rows_AreEachTheFirstChoiceOfSomeLayer() => Assert.Equal(
        SimdBackend.Rows.Select(r => r.Name).Order(),
        Programs.Select(p => RowOf(p)).Distinct().Order());

    [Theory]
    [MemberData(nameof(Rows))]
    public void Row_Forced_EqualsReference(string row)
    {
        int compared = 0;
        foreach (QuantizedProgram program in Programs)
        {
            if (compared == Compared) break;
            if (RowOf(program, row) != row) continue;
            compared++;
            long[] inputs = ProgramGenerator.Inputs(program, Images, compared);
            RunAssert.EqualsReference(
                new SimdBackend(row), program, inputs, RunOptions.Default, RunOptions.WithEvents);
        }

        Assert.InRange(compared, 5, Compared);
    }

    /// <summary>Accumulators that no 32 bits hold, rounded at every update.</summary>
    private static QuantizedProgram Wide(int seed)
    {
        QuantizedProgram program = ProgramGenerator.Dense(seed, 10 + seed, 9);
        var layer = (MacLayer)program.Layers[0];
        var requantization = new Requantization
        {
            Kind = RequantizationKind.Shift,
            Output = ConversionSpec.Into(
                new(8, 0, true), 12, RoundingMode.TowardNegative, OverflowMode.Saturate),
            ClampMin = long.MinValue,
            ClampMax = long.MaxValue,
        };
        MacLayer wide = layer with
        {
            Output = new(layer.Output.Shape, 8, true, 1),
            Bias = [.. layer.Bias.Select(b => b % 1000)],
            Mac = layer.Mac with
            {
                ProductStage = ProductStage.Exact,
                AccumulatorAlign = 2,
                PartialAlign = 0,
                Update = ConversionSpec.Into(
                    new(48, 0, true), 2, RoundingMode.NearestTiesToEven, OverflowMode.Saturate),
                Lanes = 1,
                When = AccumulatorUpdate.EveryUpdate,
            },
            Requantization = [.. layer.Requantization.Select(_ => requantization)],
        };
        return program with { Name = $"wide, seed {seed}", Layers = [wide] };
    }

    [Fact]
    public void Row_Unknown_ChangesNothing()
    {
        QuantizedProgram program = FastLayers.Program(FastKind.Wide, 1);
        Assert.Equal(RowOf(program), RowOf(program, "no such row"));
    }
}
