using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace QSim.Runner.Tests.House;

/// <summary>Habits about functions: they fit a screen, and take few parameters.</summary>
public class SyntaxRuleTests
{
    private const int MaxLines = 70;
    private const int MaxParameters = 7;

    /// <summary>Loops that pass what they hold in registers from one to the next.</summary>
    private static readonly string[] Kernels =
        ["src/Kernels/Backends/", "src/Attacks/Gradients/"];

    [Fact]
    public void Functions_AreFound() => Assert.True(Functions("src").Count() > 1000);

    [Fact]
    public void Functions_HaveAtMost70Lines() => NoneOf(
        from function in Functions("src", "tests", "bench")
        let lines = Lines(function.Node)
        where lines > MaxLines
        select $"{function}: {lines} lines");

    [Fact]
    public void Functions_OutsideKernelsHaveAtMost7Parameters() => NoneOf(
        from function in Functions("src")
        where !Kernels.Any(function.File.StartsWith)
        let parameters = function.Parameters?.Parameters.Count
        where parameters > MaxParameters
        select $"{function}: {parameters} parameters");

    [Theory]
    [InlineData("class C { void M(int a, int b) { int L(int c) => c; } }", "M 2, L 1")]
    [InlineData("class C(int a) { int P => a; C() : this(1) { } }", "C 1, P, C 0")]
    [InlineData("record R(int a, int b);", "")]
    public void Functions_OfCode_AreItsMethodsPropertiesAndConstructors(
        string code, string found) => Assert.Equal(
            found,
            string.Join(", ", Of("x.cs", code).Select(f =>
                f.Parameters is { } p ? $"{f.Name} {p.Parameters.Count}" : f.Name)));

    /// <summary>Every function; a record's own parameters are its data, not a call's.</summary>
    private static IEnumerable<Function> Functions(params string[] folders) =>
        SourceTree.Files(folders).SelectMany(f => Of(f.Path, string.Join('\n', f.Lines)));

    private static IEnumerable<Function> Of(string file, string code) =>
        CSharpSyntaxTree.ParseText(code).GetRoot().DescendantNodes()
            .Select(node => node switch
            {
                MethodDeclarationSyntax m => new(file, m.Identifier.Text, m, m.ParameterList),
                ConstructorDeclarationSyntax c =>
                    new(file, c.Identifier.Text, c, c.ParameterList),
                LocalFunctionStatementSyntax l =>
                    new(file, l.Identifier.Text, l, l.ParameterList),
                // A table is data, however long.
                PropertyDeclarationSyntax { Initializer: null } p
                    when p.ExpressionBody?.Expression is not (
                        BaseObjectCreationExpressionSyntax or CollectionExpressionSyntax) =>
                    new(file, p.Identifier.Text, p, null),
                ClassDeclarationSyntax { ParameterList: { } list } c =>
                    new Function(file, c.Identifier.Text, list, list),
                _ => null,
            })
            .OfType<Function>();

    /// <summary>From the name on: the cases that a test's attributes list are data.</summary>
    private static int Lines(SyntaxNode node)
    {
        int first = node is MemberDeclarationSyntax { AttributeLists: { Count: > 0 } attributes }
            ? attributes.Last().Span.End + 1
            : node.SpanStart;
        FileLinePositionSpan span = node.SyntaxTree.GetLineSpan(new(first, node.Span.End - first));
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }

    private static void NoneOf(IEnumerable<string> violations) =>
        Assert.Equal("", string.Join('\n', violations));

    /// <summary>A function in a file.</summary>
    private sealed record Function(
        string File, string Name, SyntaxNode Node, ParameterListSyntax? Parameters)
    {
        public override string ToString() => $"{File}: {Name}";
    }
}
