using QSim.Runner.Output;
using QSim.Runner.Reports;

namespace QSim.Runner.Tests.Output;

/// <summary>Words from files, on their way to people and spreadsheets.</summary>
public class UntrustedTests
{
    [Theory]
    [InlineData("conv1", "conv1")]
    [InlineData("a\u001b[2J\u001b]0;x\u0007b", @"a\x1b[2J\x1b]0;x\x07b")]
    [InlineData("c\u009b31m", @"c\x9b31m")]
    [InlineData("x\u202Egnp.exe", @"x\u202egnp.exe")]
    [InlineData("a\r\nb\u2028c", @"a\x0d\x0ab\u2028c")]
    [InlineData("Größe 1\u202F234 😀 日本", "Größe 1\u202F234 😀 日本")]
    public void Line_WritesOutWhatATerminalWouldObey(string text, string expected) =>
        Assert.Equal(expected, Untrusted.Line(text));

    [Theory]
    [InlineData("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("int8-wide", "int8-wide")]
    [InlineData("", "")]
    public void CsvCell_IsNoFormula(string text, string expected) =>
        Assert.Equal(expected, Untrusted.CsvCell(text));

    [Fact]
    public void Csv_NumbersStayNumbers() =>
        Assert.Equal(
            "name,value\n'=1,-0.5\n", Csv.Of([new { Name = "=1", Value = -0.5 }], new(new())));

    [Fact]
    public void Json_EscapesWhatATerminalWouldObey_AndReadsBack()
    {
        string document = Json.Of("a\u009b\u202e\u007fb 😀");

        Assert.DoesNotContain(document.TrimEnd('\n'), c => char.IsControl(c) || c == '\u202e');
        Assert.Equal("a\u009b\u202e\u007fb 😀",
            System.Text.Json.JsonSerializer.Deserialize<string>(document));
    }
}
