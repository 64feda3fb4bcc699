using System.Text.RegularExpressions;
using QSim.Runner.Reports.Charts;

namespace QSim.Runner.Tests.Reports;

public partial class PaperPaintTests
{
    /// <summary>Pictures in print look as those on the page.</summary>
    [Fact]
    public void Colours_AreThoseOfThePage()
    {
        string style = File.ReadAllText(Path.Combine(
            Shared.Repository, "src", "Runner", "Reports", "Html", "report.css"));

        Assert.Equal(
            Colour().Matches(style).Take(7).Select(m => m.Groups[1].Value), PaperPaint.Colours);
    }

    [GeneratedRegex("--c[0-6]: (#[0-9a-f]{6})")]
    private static partial Regex Colour();
}
