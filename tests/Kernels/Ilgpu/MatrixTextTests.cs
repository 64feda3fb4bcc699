using System.Text.RegularExpressions;
using QSim.Kernels.Backends.Ilgpu.Matrix;
using QSim.Kernels.Backends.Ilgpu.Packed;
using QSim.Kernels.Backends.Ilgpu.Tiled;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>
/// What can be read off the matrix kernel where there is no tensor core; on one, the conformance
/// suite and <c>qsim backends check</c> run it.
/// </summary>
public partial class MatrixTextTests
{
    private const int SharedWithoutAsking = 48 * 1024;

    public static TheoryData<int, int> Kernels
    {
        get
        {
            var data = new TheoryData<int, int>();
            for (int shape = 0; shape < MatrixShape.All.Length; shape++)
                foreach (OperandSigns signs in Enum.GetValues<OperandSigns>())
                    data.Add(shape, (int)signs);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Loop_AStep_MultipliesEveryFilterByEveryColumnOnce(int index, int signs)
    {
        (MatrixShape shape, string text) = Text(index, signs);
        string loop = text[text.IndexOf("LOOP:", StringComparison.Ordinal)..];
        loop = loop[..loop.IndexOf("bra LOOP", StringComparison.Ordinal)];
        int warps = shape.Threads / MatrixShape.Lanes;
        int products = warps * loop.Split("mma.sync").Length - warps;
        Assert.Equal(
            shape.Filters * shape.Columns * shape.Blocks * PackedBytes.Count,
            products * MmaFragments.Rows * MmaFragments.Columns * MmaFragments.Words * 4);
        Assert.DoesNotMatch(@"\b(div|rem|ld\.local|st\.local)\b", loop);
        Assert.Equal(
            (OperandSigns)signs == OperandSigns.Magnitudes, loop.Contains("0x01010101"));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Loop_AStep_CopiesEveryOperandOnce(int index, int signs)
    {
        (MatrixShape shape, string text) = Text(index, signs);
        string loop = text[text.IndexOf("LOOP:", StringComparison.Ordinal)..];
        int pieces = shape.Blocks * (shape.Filters + shape.Columns);
        int copies = Regex.Count(loop, @"(?<!@copies )cp\.async\.cg") * shape.Threads;
        int some = Regex.Count(loop, @"@copies cp\.async\.cg") * shape.Blocks * shape.Filters;
        Assert.Equal(pieces, copies + some);
        Assert.InRange(shape.SharedBytes, 1, SharedWithoutAsking);
        Assert.True(shape.Stages > 2, "a copy is under way while a step is multiplied");
    }

    /// <summary>PTX wants a register declared, and a label to be one place.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void Text_RegistersAndLabels_AreDeclaredOnce(int index, int signs)
    {
        (_, string text) = Text(index, signs);
        foreach (IGrouping<string, Match> used in Register().Matches(text)
            .GroupBy(m => m.Groups[1].Value))
        {
            Match declared = Assert.Single(Regex.Matches(text, $@"\b{used.Key}<(\d+)>"));
            Assert.InRange(
                used.Max(m => int.Parse(m.Groups[2].Value)), 0,
                int.Parse(declared.Groups[1].Value) - 1);
        }

        string[] labels = [.. Label().Matches(text).Select(m => m.Groups[1].Value)];
        Assert.Equal(labels.Distinct(), labels);
        Assert.All(
            Branch().Matches(text), b => Assert.Contains(b.Groups[1].Value, labels));
    }

    [Theory]
    [InlineData(1, 16)]
    [InlineData(16, 16)]
    [InlineData(17, 32)]
    [InlineData(64, 64)]
    [InlineData(65, 128)]
    [InlineData(1000, 128)]
    public void For_Filters_IsTheNarrowestThatHoldsThem(int filters, int expected) =>
        Assert.Equal(expected, MatrixShape.For(filters).Filters);

    private static (MatrixShape Shape, string Text) Text(int index, int signs) =>
        (MatrixShape.All[index], MatrixText.Of(MatrixShape.All[index], (OperandSigns)signs));

    [GeneratedRegex(@"(?<![.\w])(ga|gb|sa|sb|[abcdr])(\d+)\b(?!<)")]
    private static partial Regex Register();

    [GeneratedRegex(@"^([A-Z]+\d*):", RegexOptions.Multiline)]
    private static partial Regex Label();

    [GeneratedRegex(@"\bbra ([A-Z]+\d*);")]
    private static partial Regex Branch();
}
