using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace QSim.Runner.Tests.House;

/// <summary>Which file names what another declares, as the compiler binds it.</summary>
internal sealed class FileGraph
{
    private const string Usual =
        "global using System; global using System.Collections.Generic; global using System.IO; "
        + "global using System.Linq; global using System.Net.Http; "
        + "global using System.Threading; global using System.Threading.Tasks;";

    private readonly Dictionary<string, SortedSet<string>> _uses;

    private FileGraph(Dictionary<string, SortedSet<string>> uses) => _uses = uses;

    /// <summary>Of some files: their paths, and their text.</summary>
    public static FileGraph Of(IEnumerable<(string Path, string Text)> files)
    {
        CSharpCompilation all = CSharpCompilation.Create(
            "all",
            files.Append(("usual", Usual)).AsParallel().AsOrdered().Select(f =>
                CSharpSyntaxTree.ParseText(f.Item2, path: f.Item1)),
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
                .Split(Path.PathSeparator)
                .Where(p => !Path.GetFileName(p).StartsWith("QSim", StringComparison.Ordinal))
                .Select(p => MetadataReference.CreateFromFile(p)),
            new(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        HashSet<string> names = [.. all.SyntaxTrees.SelectMany(t => Declared(t.GetRoot()))];
        return new(all.SyntaxTrees.AsParallel().ToDictionary(
            t => t.FilePath, t => Used(all.GetSemanticModel(t), names)));
    }

    /// <summary>What a file uses of others, by path.</summary>
    public IReadOnlySet<string> Uses(string file) => _uses[file];

    /// <summary>
    /// Sets of files of which each leads to every other, the largest first. The parts of one type
    /// are one file's worth: they are counted as the first of them.
    /// </summary>
    public IReadOnlyList<string[]> Circles()
    {
        var found = new List<string[]>();
        var number = new Dictionary<string, int>();
        var low = new Dictionary<string, int>();
        var open = new Stack<string>();
        var isOpen = new HashSet<string>();
        foreach (string file in _uses.Keys.Order())
            if (!number.ContainsKey(file)) Visit(file);
        return [.. found.OrderByDescending(c => c.Length).ThenBy(c => c[0])];

        // Tarjan: a file that reaches nothing opened before it closes its circle.
        void Visit(string file)
        {
            number[file] = low[file] = number.Count;
            open.Push(file);
            isOpen.Add(file);
            foreach (string used in _uses[file])
            {
                if (!number.ContainsKey(used))
                {
                    Visit(used);
                    low[file] = Math.Min(low[file], low[used]);
                }
                else if (isOpen.Contains(used)) low[file] = Math.Min(low[file], number[used]);
            }

            if (low[file] != number[file]) return;
            var circle = new List<string>();
            do
            {
                circle.Add(open.Pop());
                isOpen.Remove(circle[^1]);
            }
            while (circle[^1] != file);
            if (circle.Count > 1) found.Add([.. circle.Order()]);
        }
    }

    /// <summary>What another file can name: types, and methods that extend one.</summary>
    private static IEnumerable<string> Declared(SyntaxNode root) =>
        root.DescendantNodes(n => n is not BlockSyntax).Select(n => n switch
        {
            BaseTypeDeclarationSyntax type => type.Identifier.Text,
            DelegateDeclarationSyntax type => type.Identifier.Text,
            MethodDeclarationSyntax m when m.ParameterList.Parameters.FirstOrDefault()?
                .Modifiers.Any(SyntaxKind.ThisKeyword) == true => m.Identifier.Text,
            _ => "",
        });

    private static SortedSet<string> Used(SemanticModel model, HashSet<string> names)
    {
        var files = new SortedSet<string>(StringComparer.Ordinal);
        foreach (SimpleNameSyntax name in
            model.SyntaxTree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
        {
            if (!names.Contains(name.Identifier.Text)) continue;
            ISymbol? symbol = model.GetSymbolInfo(name).Symbol;
            ITypeSymbol? type = symbol as ITypeSymbol ?? symbol?.ContainingType;
            if (type is not INamedTypeSymbol named || symbol is ILocalSymbol) continue;
            string[] declared =
            [
                .. named.OriginalDefinition.DeclaringSyntaxReferences
                    .Select(r => r.SyntaxTree.FilePath).Order(StringComparer.Ordinal),
            ];
            // A type in several files is as good as one file.
            if (declared.Length > 0 && !declared.Contains(model.SyntaxTree.FilePath))
                files.Add(declared[0]);
        }

        return files;
    }
}
