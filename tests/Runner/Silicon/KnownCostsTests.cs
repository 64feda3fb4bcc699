using System.Text;
using QSim.Runner.Silicon.Costs;
using QSim.Simulator;

namespace QSim.Runner.Tests.Silicon;

/// <summary>Costs that are read back, and libraries of cells: anybody may have written them.
/// </summary>
public sealed class KnownCostsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("12.5", true)]
    [InlineData("0", true)]
    [InlineData("1e308", false)]
    [InlineData("-1", false)]
    [InlineData("\"NaN\"", false)]
    [InlineData("null", false)]
    public void Read_Figures_ThatAUnitCanHave(string area, bool isRead)
    {
        string text = """{"accumulate": {"area_um2": AREA}, "requantize": {"area_um2": 3}}"""
            .Replace("AREA", area);

        Assert.Equal(
            isRead, KnownCosts.Read(Encoding.UTF8.GetBytes(text), CostTarget.Asic) is not null);
    }

    [Fact]
    public void Open_LibraryWithALongName_ShortensIt()
    {
        string file = _folder.File("cells.lib");
        File.WriteAllText(file, $$"""
            library ({{new string('x', 9000)}}) {
              cell (D) {
                ff ("IQ", "IQN") { }
              }
            }
            """);

        Assert.InRange(CellLibrary.Open(file)!.Name.Length, 1, Brief.Most);
    }

    public void Dispose() => _folder.Dispose();
}
