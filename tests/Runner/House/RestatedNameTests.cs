using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace QSim.Runner.Tests.House;

/// <summary>
/// A comment that has no word but its member's name says nothing. What other people's programs can
/// see is documented all the same: the compiler asks for it.
/// </summary>
public partial class RestatedNameTests
{
    private static readonly string[] Small =
        ["the", "a", "an", "of", "its", "it", "is", "in", "and", "for", "to", "this"];

    [Fact]
    public void Comments_SayMoreThanTheName()
    {
        string[] found =
        [
            .. from file in SourceTree.Files("src")
               from name in Restated(string.Join('\n', file.Lines))
               select $"{file.Path}: {name}",
        ];
        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    [Theory]
    [InlineData("internal class C {\n/// <summary>The layer.</summary>\n int Layer; }", "Layer")]
    [InlineData("internal class C {\n/// <summary>A line.</summary>\n void Line() { } }", "Line")]
    [InlineData("/// <summary>Times of a lock.</summary>\ninternal record LockTimes;", "LockTimes")]
    [InlineData("internal enum E {\n/// <summary>None.</summary>\n None }", "None")]
    [InlineData("internal class C {\n/// <summary>Its last layer.</summary>\n int Layer; }", "")]
    [InlineData("public class C {\n/// <summary>The layer.</summary>\n public int Layer; }", "")]
    public void Restated_OfCode_AreCommentsOfNoOtherWord(string code, string names) =>
        Assert.Equal(names, string.Join(", ", Restated(code)));

    private static IEnumerable<string> Restated(string code) =>
        from member in CSharpSyntaxTree.ParseText(code).GetRoot().DescendantNodes()
            .OfType<MemberDeclarationSyntax>()
        where !IsPublic(member)
        let name = Name(member)
        where name.Length > 0
        let comment = member.GetLeadingTrivia().Select(t => t.GetStructure())
            .OfType<DocumentationCommentTriviaSyntax>().LastOrDefault()
        where comment?.Content.OfType<XmlElementSyntax>().Count() == 1
        let element = comment!.Content.OfType<XmlElementSyntax>().Single()
        where element.Content.All(c => c is XmlTextSyntax)
        let said = Words(string.Concat(element.Content)).Except(Small).ToArray()
        where said.Length > 0 && !said.Except(Words(name)).Any()
        select name;

    private static bool IsPublic(MemberDeclarationSyntax member) =>
        member.AncestorsAndSelf().OfType<MemberDeclarationSyntax>().All(m =>
            m is BaseNamespaceDeclarationSyntax or EnumMemberDeclarationSyntax
                || m.Parent is InterfaceDeclarationSyntax
                || m.Modifiers.Any(SyntaxKind.PublicKeyword)
                || m.Modifiers.Any(SyntaxKind.ProtectedKeyword));

    private static string Name(MemberDeclarationSyntax member) => member switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        MethodDeclarationSyntax method => method.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        EnumMemberDeclarationSyntax value => value.Identifier.Text,
        BaseFieldDeclarationSyntax field => field.Declaration.Variables[0].Identifier.Text,
        _ => "",
    };

    /// <summary>Lower case, one form for one thing and many.</summary>
    private static IEnumerable<string> Words(string text) => Word().Matches(text)
        .Select(m => m.Value.ToLowerInvariant())
        .Select(w => Small.Contains(w) ? w : w.TrimEnd('s'));

    [GeneratedRegex("[A-Z]?[a-z]+|[A-Z]+|[0-9]+")]
    private static partial Regex Word();
}
