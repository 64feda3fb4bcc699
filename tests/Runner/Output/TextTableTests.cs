using System.Text.RegularExpressions;
using QSim.Runner.Output;

namespace QSim.Runner.Tests.Output;

/// <summary>Tables in terminals that are narrower than they are.</summary>
public partial class TextTableTests
{
    private static readonly TextTable Table = new(
        ["attack", "threat", "first %", "second %", "only first", "why"],
        [
            ["apgd-ce-50", "hardware", "81.7", "65.0", "1234", "it is at chance"],
            ["worst", "transfer", "9.1", "8.0", "7", new string('x', 300)],
        ])
    {
        RightAligned = new HashSet<int> { 2, 3, 4 },
        Title = "int4",
    };

    [Fact]
    public void Parts_OfAWideTerminal_AreTheTable() =>
        Assert.Equal(Table.Plain(), Assert.Single(Table.Parts(200)).Plain());

    [Theory]
    [InlineData(120)]
    [InlineData(80)]
    [InlineData(60)]
    public void Parts_OfANarrowOne_HaveEveryColumnAndSayWhatRowsAreOf(int width)
    {
        TextTable[] parts = [.. Table.Parts(width)];

        Assert.All(parts, p => Assert.Equal("attack", p.Headers[0]));
        Assert.All(parts, p => Assert.Equal("int4", p.Title));
        Assert.Equal(
            Table.Headers, parts.SelectMany(p => p.Headers).Distinct());
        Assert.All(parts, p => Assert.Equal(
            p.Headers.Index().Where(h => h.Item is "first %" or "second %" or "only first")
                .Select(h => h.Index),
            p.RightAligned.Order()));
    }

    /// <summary>Words are whole and lines fit, wherever a word can.</summary>
    [Fact]
    public void Write_InATerminal_BreaksNoWord()
    {
        using var text = new StringWriter();
        var screen = new Screen(text, TextWriter.Null, true, false, colour: false);
        screen.OutConsole.Profile.Width = 50;

        Table.Write(screen);

        string[] lines = Bold().Replace(text.ToString(), "").Split('\n');
        Assert.All(lines, l => Assert.InRange(l.TrimEnd().Length, 0, 50));
        foreach (string word in new[] { "apgd-ce-50", "hardware", "second %", "1234", "chance" })
            Assert.Contains(lines, l => l.Contains($" {word} "));
    }

    [GeneratedRegex(@"\x1b\[[0-9;]*m")]
    private static partial Regex Bold();
}
