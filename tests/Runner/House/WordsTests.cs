using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace QSim.Runner.Tests.House;

/// <summary>What QSim says is plain English: no inversions, no personified code.</summary>
public class WordsTests
{
    /// <summary>Turns of phrase that a colleague would not use.</summary>
    private static readonly string[] Banned =
    [
        "stands out", "stand out", "is no ", "are no ", "is none", "are none", "whoever",
        "of the dearest", "dearest", "cannot be got", "was not to be had", "anew", "names nothing",
        "names no ", "otherwise than", "said twice", "gone for", "on images that stand",
    ];

    /// <summary>The same words in their ordinary use.</summary>
    private static readonly string[] Ordinary =
        ["there is no ", "there are no ", "is no longer", "there is none", "where there is none"];

    [Fact]
    public void Strings_AreFound() => Assert.True(Strings().Count() > 1000);

    [Fact]
    public void Strings_ArePlainEnglish() => Assert.Equal("", string.Join('\n',
        from text in Strings()
        let plain = Ordinary.Aggregate(text.Text, (t, o) => t.Replace(o, ""))
        from phrase in Banned
        where plain.Contains(phrase, StringComparison.OrdinalIgnoreCase)
        select $"{text.File}: '{phrase}' in: {text.Text}"));

    /// <summary>Every string of the product's code, parts that are joined by + as one.</summary>
    private static IEnumerable<(string File, string Text)> Strings() =>
        from file in SourceTree.Files("src")
        from node in CSharpSyntaxTree.ParseText(string.Join('\n', file.Lines)).GetRoot()
            .DescendantNodes(n => !IsText(n))
        where IsText(node)
        select (file.Path, string.Concat(node.DescendantTokens().Select(t => t.Kind() switch
        {
            SyntaxKind.StringLiteralToken or SyntaxKind.InterpolatedStringTextToken
                or SyntaxKind.MultiLineRawStringLiteralToken => t.ValueText,
            _ => "",
        })));

    private static bool IsText(Microsoft.CodeAnalysis.SyntaxNode node) =>
        node is LiteralExpressionSyntax or InterpolatedStringExpressionSyntax
            || node is BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } sum
                && IsText(sum.Left) && IsText(sum.Right);
}
