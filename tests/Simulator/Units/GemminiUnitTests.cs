using QSim.Kernels.Datapath;

namespace QSim.Simulator.Tests.Units;

/// <summary>
/// Units of gemmini against the C that its own tests compare the machine with; Golden/gemmini.csv.
/// </summary>
public class GemminiUnitTests
{
    private const string Profile = "gemmini";

    [Fact]
    public void Requantize_IsGemminis() => OneUnit.Each(
        "gemmini.csv", "scale", 500,
        row => OneUnit.Of(
            OneUnit.Requantize(Profile, (OneUnit.Real(row[1]), 0), 1, (1, 0)),
            long.Parse(row[2])));

    [Fact]
    public void Add_IsGemminis() => OneUnit.Each("gemmini.csv", "add", 600, row =>
    {
        AddLayer add = OneUnit.Add(
            Profile, (OneUnit.Real(row[1]), 0), (OneUnit.Real(row[2]), 0), (1, 0));
        return OneUnit.Of(add, long.Parse(row[3]), long.Parse(row[4]));
    });

    /// <summary>Moved in with a scale, as a residual's operand is.</summary>
    [Fact]
    public void Concat_IsGemminisMove() => OneUnit.Each("gemmini.csv", "move", 300, row =>
        OneUnit.Of(
            OneUnit.Concat(Profile, (OneUnit.Real(row[1]), 0), (1, 0)), long.Parse(row[2])));

    [Fact]
    public void AveragePooling_IsGemminis() => OneUnit.Each("gemmini.csv", "average", 660, row =>
        OneUnit.Average(
            Profile, int.Parse(row[1]), int.Parse(row[2]), long.Parse(row[3])));
}
