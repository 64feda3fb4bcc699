using System.Text.RegularExpressions;

namespace QSim.Runner.Tests.House;

/// <summary>Habits that a reader may rely on, kept by a test.</summary>
public partial class SourceRuleTests
{
    private const int MaxLines = 300;
    private const int MaxColumns = 100;

    private static readonly string[] Everywhere = ["src", "tests", "bench"];
    private static readonly string[] BelowRunner =
        ["src/Kernels", "src/Simulator", "src/Attacks", "src/Certificates"];

    [Fact]
    public void SourceTree_FindsTheSources() => Assert.True(SourceTree.Files("src").Count() > 20);

    [Fact]
    public void Files_HaveAtMost300Lines() =>
        NoneOf(
            SourceTree
                .Files(Everywhere)
                .Where(f => f.Lines.Length > MaxLines)
                .Select(f => $"{f.Path}: {f.Lines.Length}"));

    [Fact]
    public void Lines_HaveAtMost100Columns() => NoneOf(
        from file in SourceTree.Files(Everywhere)
        from line in SourceTree.Columns(file.Lines)
        where line.Count > MaxColumns
        select $"{file.Path}:{line.Number}: {line.Count} columns");

    [Fact]
    public void Namespaces_AreTheirFolders() => NoneOf(
        from file in SourceTree.Files("src")
        let folder = file.Path[..file.Path.LastIndexOf('/')]
        from line in file.Lines
        where line.StartsWith("namespace ", StringComparison.Ordinal)
            && line != $"namespace QSim.{folder["src/".Length..].Replace('/', '.')};"
        select $"{file.Path}: {line}");

    [Fact]
    public void Unsafe_OnlyInBackendsAndManagedGradients() =>
        NoneOf(
            Outside(
                SourceTree.Matches(Unsafe(), "src"), "src/Kernels/Backends/",
                "src/Attacks/Gradients/Managed/"));

    /// <summary>In a remark, or in words that <c>Door.Needs</c> asserts.</summary>
    [Fact]
    public void Unsafe_SaysWhatItNeeds() =>
        NoneOf(
            SourceTree
                .Files("src")
                .Where(f => f.Lines.Any(l => UnsafeWord().IsMatch(l))
                    && !f.Lines.Any(l => l.Contains("Needs")))
                .Select(f => f.Path));

    /// <summary>A test of a process that never ends says so; it does not wait for ever.</summary>
    [Fact]
    public void Processes_AreWaitedForInOnePlace() => NoneOf(
        from file in SourceTree.Files("tests/Runner")
        where !file.Path.EndsWith("/Ends.cs", StringComparison.Ordinal)
        from line in file.Lines
        where Wait().IsMatch(line)
        select $"{file.Path}: {line.Trim()}");

    /// <summary>Only there a size is looked at first, and a pipe never opened.</summary>
    [Fact]
    public void FilesOfOthers_AreReadByInputFile() =>
        NoneOf(
            SourceTree
                .Matches(ReadAll(), "src/Simulator", "src/Runner/Data", "src/Runner/Conformance")
                .Where(f => !f.Contains("/Data/Getting/") && !f.Contains("/InputFile.cs")));

    /// <summary>
    /// Two sizes come from files, or from who asks: their product is taken by <c>Sizes</c>, or in
    /// 64 bits.
    /// </summary>
    [Fact]
    public void Arrays_OfAProductOfSizes_AreChecked() =>
        NoneOf(SourceTree.Matches(
            ProductOfSizes(), "src/Kernels", "src/Simulator", "src/Attacks", "src/Certificates",
            "src/Runner"));

    [Fact]
    public void YamlDotNet_OnlyInProfiles() => NoneOf(
        Outside(SourceTree.Matches(Yaml(), "src"), "src/Simulator/Profiles/"));

    [Fact]
    public void Console_Clock_AndEnvironment_OnlyInRunner() =>
        NoneOf(SourceTree.Matches(Surroundings(), BelowRunner));

    [Fact]
    public void Kernels_TouchNoFiles() => NoneOf(SourceTree.Matches(FileAccess(), "src/Kernels"));

    [Fact]
    public void Randomness_IsNeverAmbient() =>
        NoneOf(SourceTree.Matches(AmbientRandomness(), "src"));

    private static IEnumerable<string> Outside(
        IEnumerable<string> found,
        params string[] allowed) => found.Where(f => !allowed.Any(f.StartsWith));

    private static void NoneOf(IEnumerable<string> violations) =>
        Assert.Equal("", string.Join('\n', violations));

    [GeneratedRegex(@"\bunsafe\b|\bfixed\s*\(")]
    private static partial Regex Unsafe();

    [GeneratedRegex(@"\bunsafe\b")]
    private static partial Regex UnsafeWord();

    [GeneratedRegex(@"\bFile\.(ReadAll|OpenRead|Open)|\bnew FileStream\b")]
    private static partial Regex ReadAll();

    [GeneratedRegex(
        @"new (float|double|s?byte|u?short|u?int|u?long|bool)\[" +
        @"(?!\(long\)|(Datapath\.)?Sizes|checked)[^\]]*[A-Za-z_)]\s*\*\s*(?!sizeof)[A-Za-z_(]")]
    private static partial Regex ProductOfSizes();

    [GeneratedRegex(@"\bYamlDotNet\b")]
    private static partial Regex Yaml();

    [GeneratedRegex(
        @"\bConsole\.|\bDateTime(Offset)?\.(Utc)?Now|\bStopwatch\b" +
        @"|\bEnvironment\.(?!ProcessorCount|NewLine)|\bTimeProvider\b")]
    private static partial Regex Surroundings();

    [GeneratedRegex(
        @"\b(File|Directory|FileStream|StreamReader)\.|\bnew (FileStream|StreamReader)\b")]
    private static partial Regex FileAccess();

    [GeneratedRegex(
        @"\.WaitForExit[(A]|\bSpinUntil[(]|Standard(Output|Error)\.(ReadToEnd|ReadLine[(])")]
    private static partial Regex Wait();

    [GeneratedRegex(
        @"\bnew Random\b|\bRandom\.Shared\b|\bGuid\.NewGuid\b|\bRandomNumberGenerator\b")]
    private static partial Regex AmbientRandomness();
}
