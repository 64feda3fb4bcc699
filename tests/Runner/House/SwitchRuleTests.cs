using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace QSim.Runner.Tests.House;

/// <summary>
/// A switch over modes or layers has no default that answers for what its author forgot: it names
/// every mode (then CS8509 stops the build at a new one), or ends in a throw. Null for modes is an
/// answer that the caller must look at.
/// </summary>
public class SwitchRuleTests
{
    private const string Device = "runs on GPUs, where nothing is thrown; tests take every mode";
    private const string Question = "asks for some of the layers: the rest has none of it";
    private const string Refused = "what is left is refused by name";
    private const string Written = "kinds that nothing reads are refused by name before";

    /// <summary>Defaults that are right for whatever comes, and why.</summary>
    private static readonly Dictionary<string, string> Right = new()
    {
        ["src/Kernels/Arithmetic/Overflow.cs"] = Device,
        ["src/Kernels/Arithmetic/Rounding.cs"] = Device,
        ["src/Kernels/Datapath/Requantizer.cs"] = Device,
        ["src/Kernels/Datapath/SoftmaxSum.cs"] = Device,
        ["src/Kernels/Backends/Simd/StepPlan.cs"] = "the reference runs every layer",
        ["src/Kernels/Backends/Simd/Elementwise/TableStep.cs"] = "the reference runs every layer",
        ["src/Attacks/Gradients/Ilgpu/MovingKernels.cs"] = Device,
        ["src/Attacks/Gradients/Ilgpu/Steps/DeviceSteps.cs"] = Refused,
        ["src/Attacks/Gradients/TorchSharp/TorchNetwork.cs"] = "other layers differentiate as is",
        ["src/Certificates/Bounds/LayerBounds.cs"] = "images stay undecided",
        ["src/Certificates/Checking/CheckedLayers.cs"] = "proofs are refused by name",
        ["src/Silicon/Elements/ElementUnits.cs"] = "says that there is no circuit",
        ["src/Simulator/Quantization/ClampBounds.cs"] = Question,
        ["src/Simulator/Quantization/GraphEnds.cs"] = Question,
        ["src/Simulator/Quantization/FloatTable.cs"] = Question,
        ["src/Simulator/Quantization/FloatUnits.cs"] = Refused,
        ["src/Simulator/Quantization/GraphTensors.cs"] = Refused,
        ["src/Simulator/Quantization/LitertFixed.cs"] = Question,
        ["src/Simulator/Quantization/LitertFunctions.cs"] = Question,
        ["src/Simulator/Quantization/ProgramBuilder.cs"] = Refused,
        ["src/Simulator/Quantization/QuantizedGraphNumbers.cs"] = Question,
        ["src/Simulator/Quantization/Quotients.cs"] = Question,
        ["src/Simulator/Quantization/FakeQuantizer.cs"] = "the default takes any rounding",
        ["src/Simulator/Networks/BatchNormFolding.cs"] = Question,
        ["src/Simulator/Networks/FloatMac.cs"] = Question,
        ["src/Simulator/Networks/LaneProduct.cs"] = Question,
        ["src/Simulator/Networks/OwnWeights.cs"] = Question,
        ["src/Simulator/Networks/Files/NetworkWriter.cs"] = Written,
        ["src/Simulator/Networks/Files/Onnx/DynamicWriter.cs"] = Written,
        ["src/Simulator/Networks/Files/Onnx/FloatNodes.cs"] = Refused,
        ["src/Simulator/Networks/Files/Onnx/FloatUnsaid.cs"] = Question,
        ["src/Simulator/Networks/Files/Onnx/QdqFunctions.cs"] = Refused,
        ["src/Simulator/Networks/Files/Tflite/TfliteModel.cs"] = "a file's own number",
    };

    [Fact]
    public void Switches_OverModesAndLayers_HaveNoSilentDefault()
    {
        (string, string)[] files =
            [.. SourceTree.Files("src").Select(f => (f.Path, string.Join('\n', f.Lines)))];
        string[] silent =
        [
            .. Silent(files).Select(s => s.Path).Distinct().Order(StringComparer.Ordinal),
        ];
        Assert.Equal(
            string.Join('\n', Right.Keys.Order(StringComparer.Ordinal)),
            string.Join('\n', silent));
    }

    [Theory]
    [InlineData("x switch { M.A => 1, _ => 2 }", true)]
    [InlineData("x switch { M.A or M.B => 1, var y => 2 }", true)]
    [InlineData("x switch { M.A => 1, M.B => 2 }", false)]
    [InlineData("x switch { M.A => 1, _ => throw new() }", false)]
    [InlineData("x switch { M.A => \"\", _ => null }", false)]
    [InlineData("x switch { 1 => 1, _ => 2 }", false)]
    [InlineData("l switch { DeepLayer => 1, _ => 2 }", true)]
    [InlineData("l switch { DeepLayer { Name: \"\" } d => \"\", _ => null }", true)]
    [InlineData("l switch { DeepLayer d => 1, _ => Of(l) ?? throw new() }", false)]
    [InlineData("l switch { Other => 1, _ => 2 }", false)]
    public void Switches_OfCode_AreSilentOrNot(string code, bool isSilent)
    {
        string file = "enum M { A, B } abstract record ProgramLayer; class Other;"
            + "abstract record MidLayer(int A) : ProgramLayer(A); record DeepLayer : MidLayer;"
            + $"class C {{ object P => {code}; }}";
        Assert.Equal(isSilent, Silent([("x.cs", file)]).Any());
    }

    [Theory]
    [InlineData("case M.A: break;", true)]
    [InlineData("case M.A: break; default: break;", true)]
    [InlineData("case M.A: break; default: throw new();", false)]
    public void Statements_OfCode_AreSilentOrNot(string sections, bool isSilent)
    {
        string file =
            $"enum M {{ A, B }} class C {{ void P(M x) {{ switch (x) {{ {sections} }} }} }}";
        Assert.Equal(isSilent, Silent([("x.cs", file)]).Any());
    }

    private static IEnumerable<(string Path, int Line)> Silent(
        IEnumerable<(string Path, string Text)> files)
    {
        (string Path, SyntaxNode Root)[] roots =
            [.. files.Select(f => (f.Path, CSharpSyntaxTree.ParseText(f.Text).GetRoot()))];
        SyntaxNode[] types =
        [
            .. roots.SelectMany(r => r.Root.DescendantNodes(
                n => n is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax
                    or TypeDeclarationSyntax)),
        ];
        HashSet<string> modes =
            [.. types.OfType<EnumDeclarationSyntax>().Select(e => e.Identifier.Text)];
        HashSet<string> layers = LayersOf([.. types.OfType<TypeDeclarationSyntax>()]);
        return
            from root in roots
            from node in root.Root.DescendantNodes()
            where IsSilent(node, modes, layers)
            select (root.Path, node.GetLocation().GetLineSpan().StartLinePosition.Line + 1);
    }

    private static HashSet<string> LayersOf(TypeDeclarationSyntax[] types)
    {
        HashSet<string> layers = ["ProgramLayer", "FloatLayer"];
        while (types.Count(t => IsOf(t) && layers.Add(t.Identifier.Text)) > 0) { }
        return layers;

        bool IsOf(TypeDeclarationSyntax type) =>
            type.BaseList?.Types.Any(b => layers.Contains(Last(b.Type))) == true;
    }

    private static bool IsSilent(SyntaxNode node, HashSet<string> modes, HashSet<string> layers)
    {
        (IEnumerable<SyntaxNode> labels, SyntaxNode? otherwise) = node switch
        {
            SwitchExpressionSyntax s => (
                s.Arms.Select(a => a.Pattern),
                s.Arms.LastOrDefault(a => a.WhenClause is null
                    && a.Pattern is DiscardPatternSyntax or VarPatternSyntax)?.Expression),
            SwitchStatementSyntax s => (
                s.Sections.SelectMany(x => x.Labels),
                s.Sections.LastOrDefault(x => x.Labels.Any(SyntaxKind.DefaultSwitchLabel))
                    ?? node),
            _ => ((IEnumerable<SyntaxNode>)[], (SyntaxNode?)null),
        };
        if (otherwise is null || Throws(otherwise)) return false;
        string[] named = [.. labels.SelectMany(Named)];
        return named.Any(layers.Contains)
            || (named.Any(modes.Contains)
                && !otherwise.IsKind(SyntaxKind.NullLiteralExpression));
    }

    /// <summary>A statement without default is its own, and throws in other cases only.</summary>
    private static bool Throws(SyntaxNode otherwise) =>
        otherwise is not SwitchStatementSyntax
        && otherwise.DescendantNodesAndSelf()
            .Any(n => n is ThrowExpressionSyntax or ThrowStatementSyntax);

    /// <summary>Enums and types that an arm asks for, not those that its parts do.</summary>
    private static IEnumerable<string> Named(SyntaxNode label) => label switch
    {
        CaseSwitchLabelSyntax { Value: MemberAccessExpressionSyntax m } => [Last(m.Expression)],
        CaseSwitchLabelSyntax c => [Last(c.Value)],
        CasePatternSwitchLabelSyntax p => Named(p.Pattern),
        BinaryPatternSyntax b => [.. Named(b.Left), .. Named(b.Right)],
        ParenthesizedPatternSyntax p => Named(p.Pattern),
        DeclarationPatternSyntax d => [Last(d.Type)],
        TypePatternSyntax t => [Last(t.Type)],
        RecursivePatternSyntax { Type: { } type } => [Last(type)],
        // A type's full name looks like a member of something.
        ConstantPatternSyntax { Expression: MemberAccessExpressionSyntax m } =>
            [Last(m.Expression), m.Name.Identifier.Text],
        ConstantPatternSyntax c => [Last(c.Expression)],
        _ => [],
    };

    private static string Last(SyntaxNode name) => name.ToString().Split('.').Last();
}
