using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace QSim.Runner.Tests.House;

/// <summary>C# that documents show is C# that compiles.</summary>
public partial class DocumentedCodeTests
{
    /// <summary>What an example takes for granted, by the names that it uses.</summary>
    private const string Given = """
        using System;
        using System.IO;
        using System.Linq;
        using QSim.Attacks.Evaluation;
        using QSim.Attacks.Gradients;
        using QSim.Attacks.Methods;
        using QSim.Attacks.Methods.Settings;
        using QSim.Kernels.Arithmetic;
        using QSim.Kernels.Backends;
        using QSim.Kernels.Datapath;
        using QSim.Simulator;
        using QSim.Simulator.Arrays;
        using QSim.Simulator.Networks;
        using QSim.Simulator.Networks.Files;
        using QSim.Simulator.Profiles;
        using QSim.Simulator.Quantization;

        static class Example
        {
            static IGradientModel model = null!;
            static Simulation simulation = null!;
            static LabelledImages images = null!;

            static void Run()
            {
        #line 1

        """;

    [Fact]
    public void Documents_HaveExamples() => Assert.NotEmpty(Examples());

    [Fact]
    public void Examples_Compile() =>
        Assert.Equal("", string.Join('\n', Examples().SelectMany(e => Errors(e.File, e.Code))));

    [Fact]
    public void Errors_OfCodeThatDoesNotCompile_AreFound() => Assert.Contains(
        "x.md: (1,1): error CS0103",
        Assert.Single(Errors("x.md", "NoSuchThing();")));

    private static IEnumerable<(string File, string Code)> Examples() =>
        from file in Directory.EnumerateFiles(
            Shared.Repository, "*.md", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Shared.Repository, file).Replace('\\', '/')
        where !path.Contains("/obj/") && !path.Contains("/bin/")
        from Match block in Block().Matches(File.ReadAllText(file))
        select (path, block.Groups["code"].Value);

    private static IEnumerable<string> Errors(string file, string code) =>
        from problem in CSharpCompilation.Create(
            "Example",
            [CSharpSyntaxTree.ParseText(Given + code + "\n}}")],
            References(),
            new(OutputKind.DynamicallyLinkedLibrary)).GetDiagnostics()
        where problem.Severity == DiagnosticSeverity.Error
        let place = problem.Location.GetMappedLineSpan().StartLinePosition
        select $"{file}: ({place.Line + 1},{place.Character + 1}): error {problem.Id}: "
            + problem.GetMessage();

    /// <summary>What this process itself runs with.</summary>
    private static IEnumerable<MetadataReference> References() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path));

    [GeneratedRegex(@"^```(csharp|cs|c#)\n(?<code>.*?)^```", RegexOptions.Multiline
        | RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Block();
}
