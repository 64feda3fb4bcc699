using System.Text;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Tests.Profiles;

/// <summary>Files that are no documents: refused at once, with a place.</summary>
public class DocumentReaderTests
{
    private const int Long = 250_000;

    public static TheoryData<string, string> Hostile =>
        new()
        {
            { "a: " + new string('[', Long), "nested deeper than 32" },
            { new string('{', Long), "a key must be a plain word" },
            { string.Concat(Enumerable.Repeat("- ", Long / 2)), "nested deeper than 32" },
            { string.Concat(Enumerable.Repeat("? ", Long / 2)), "a key must be a plain word" },
            {
                string.Concat(Enumerable.Range(0, 21_000).Select(i => $"k{i}: v\n")),
                "more than 20000 values"
            },
            { new string('x', DocumentReader.MaxBytes + 1), "larger than 262144 bytes" },
            { "a: {b: c\n", "x.yaml:2:1: not valid YAML: while parsing" },
            {
                "a0: &x0 [v]\n"
                    + string.Concat(Enumerable.Range(1, 40).Select(i => $"a{i}: &x{i} "
                    + $"[*x{i - 1}]\n")),
                "nested deeper than 32"
            },
            { "a: &x [*x]", "'*x' refers to nothing that is complete before it" },
            { "a: 1\na: 2", "given twice" },
            { "%YAML 1.2\n---\n", "nothing" },
        };

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-8")]
    public void Read_TextWithAByteOrderMark_IsRead(string encoding)
    {
        Encoding written = Encoding.GetEncoding(encoding);
        byte[] bytes = [.. written.Preamble, .. written.GetBytes("name: grün\n")];
        Assert.Equal("grün", DocumentReader.Read(bytes, "x.yaml").Text("name"));
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Read_HostileText_IsRefusedAtAPlace(string text, string expected)
    {
        var e = Assert.Throws<InputException>(() =>
            DocumentReader.Read(Encoding.UTF8.GetBytes(text), "x.yaml"));
        Assert.Contains(expected, e.Message);
        // What is said of the whole file has no place in it.
        bool isOfAll = expected.StartsWith("larger", StringComparison.Ordinal);
        Assert.All(
            e.Errors, error => Assert.Equal(!isOfAll, error.Line >= 1 && error.Column >= 1));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x61, 0x00 })]
    [InlineData(new byte[] { 0x61, 0x3A, 0x00 })]
    [InlineData(new byte[] { 0xC3, 0x28 })]
    public void Read_BytesThatAreNoText_AreRefused(byte[] bytes) =>
        Assert.Throws<InputException>(() => DocumentReader.Read(bytes, "x.yaml"));

    /// <summary>As PowerShell 5 writes what <c>&gt;</c> redirects, or reversed.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_Utf16_IsRead(bool isBigEndian)
    {
        var encoding = new UnicodeEncoding(isBigEndian, byteOrderMark: true);
        byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes("a: 1\r\nname: Ü\r\n")];

        MapNode root = DocumentReader.Read(bytes, "x.yaml");

        Assert.Equal("Ü", root.Text("name"));
        Assert.Equal(new SourcePosition("x.yaml", 2, 7), root["name"]!.Position);
    }

    [Fact]
    public void Read_Alias_IsNamedByItsOwnKeysAndPlacedWhereItsValueIs()
    {
        MapNode root = DocumentReader.Read("a: &x {b: [1, 2]}\nc: {d: *x}\n"u8, "x.yaml");
        var list = (ListNode)((MapNode)((MapNode)root["c"]!)["d"]!)["b"]!;
        Assert.Equal("c.d.b[1]", list.Items[1].Path);
        Assert.Equal(new SourcePosition("x.yaml", 1, 15), list.Items[1].Position);
        Assert.Equal("a.b[1]", ((ListNode)((MapNode)root["a"]!)["b"]!).Items[1].Path);
    }

    [Fact]
    public void Read_KeepsPositionsAndPaths()
    {
        byte[] bytes = [0xEF, 0xBB, 0xBF, .. "a:\n  b: [1, {c: 'two'}]\n"u8];
        MapNode root = DocumentReader.Read(bytes, "x.yaml");
        var list = (ListNode)((MapNode)root["a"]!)["b"]!;
        var two = (ScalarNode)((MapNode)list.Items[1])["c"]!;
        Assert.Equal(("a.b[1].c", "two", false), (two.Path, two.Text, two.IsPlain));
        Assert.Equal(new SourcePosition("x.yaml", 2, 14), two.Position);
    }
}
