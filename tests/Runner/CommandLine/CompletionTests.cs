using System.Diagnostics;
using QSim.Attacks.Gradients;
using QSim.Kernels.Backends;
using QSim.Runner.CommandLine.Completions;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>Completions are asked of the shells themselves, where they are installed.</summary>
public class CompletionTests
{
    [SkippableTheory]
    [InlineData("qsim ru", "run")]
    [InlineData("qsim backends ch", "check")]
    [InlineData("qsim backends check --min", "--minutes")]
    [InlineData("qsim run --norm ", "linf l2 l1")]
    [InlineData("qsim run --profile int8-acc", "int8-acc-sat int8-acc-wrap")]
    [InlineData("qsim run --attacks fgsm,spsa", "fgsm,spsa")]
    [InlineData("qsim run --json --attacks hop", "hopskipjump")]
    [InlineData("qsim man ", "")]
    public void Bash_Line_IsCompleted(string line, string expected)
    {
        string[] words = [.. line.Split(' ').Select(w => $"'{w}'")];
        Assert.Equal(expected, Ask("bash", "bash", $$"""
            compopt() { :; }
            COMP_WORDS=({{string.Join(' ', words)}})
            COMP_CWORD={{words.Length - 1}}
            _qsim
            echo "${COMPREPLY[*]}"
            """));
    }

    [SkippableTheory]
    [InlineData("qsim ru", "run")]
    [InlineData("qsim backends check --min", "--minutes")]
    [InlineData("qsim run --norm ", "l1 l2 linf")]
    [InlineData("qsim rtl ", "check")]
    public void Fish_Line_IsCompleted(string line, string expected) => Assert.Equal(
        expected,
        string.Join(' ', Ask("fish", "fish", $"complete -C '{line}'").Split('\n')
            .Select(l => l.Split('\t')[0])));

    [SkippableFact]
    public void Zsh_Script_Parses() => Assert.Equal("", Ask("zsh", "zsh", "", "-n"));

    /// <summary>No shell is here for it: its braces are counted, its words looked for.</summary>
    [Fact]
    public void Pwsh_Script_HasEveryCommandAndIsBalanced()
    {
        string script = Qsim.Run("completions", "pwsh").Out;
        Assert.Equal(script.Count(c => c == '{'), script.Count(c => c == '}'));
        Assert.Contains("'qsim backends check' = [ordered]@{", script);
        Assert.Contains("'qsim run --norm' = [ordered]@{\n      'linf' = 'linf'", script);
        // A word that stands twice in a table is an error there.
        Assert.All(
            script.Split("[ordered]@{").Skip(1).Select(t => t[..t.IndexOf('}')].Split('\n')
                .Where(l => l.Contains(" = ")).Select(l => l.Split(" = ")[0].ToLowerInvariant())),
            words => Assert.Equal(words.Distinct().Count(), words.Count()));
    }

    [Fact]
    public void Completions_UnknownShell_SaysWhichThereAre()
    {
        Finished result = Qsim.Run("completions", "bsh");
        Assert.Equal(2, result.ExitCode);
        Assert.Equal(
            "qsim: unknown shell 'bsh'; did you mean 'bash'? (supported: bash, zsh, fish, pwsh)",
            result.Error.Trim());
    }

    [Fact]
    public void Words_OfBackendsAndEngines_AreNames()
    {
        Assert.All(TypedWords.Backends.Skip(1), n => Assert.NotNull(BackendList.Find(n)));
        Assert.All(TypedWords.Engines.Skip(1), n => Assert.NotNull(GradientEngineList.Find(n)));
    }

    [SkippableFact]
    public void ManPage_HasEveryCommand_AndNoMistake()
    {
        string page = Qsim.Run("man").Out;
        Assert.StartsWith(".TH QSIM 1", page);
        foreach (string command in new[] { "run", "backends check", "profiles show", "man" })
            Assert.Contains($"\n.SS qsim {command}", page);
        Assert.Contains("\\fB\\-\\-norm\\fR \\fIname\\fR", page);

        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "qsim.1");
        File.WriteAllText(file, page);
        Assert.Equal("", Finish("groff", "-man", "-ww", "-z", file));
    }

    /// <summary>What a shell prints once it has read the script.</summary>
    private static string Ask(string shell, string script, string question, params string[] how)
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, script);
        File.WriteAllText(
            file, Qsim.Run("completions", script).Out + question + "\n");
        return Finish(shell, [.. how, file]);
    }

    private static string Finish(string program, params string[] arguments)
    {
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator).Select(f => Path.Combine(f, program))
            .FirstOrDefault(File.Exists);
        Skip.If(path is null, $"there is no {program} here");
        Finished shell = Ends.Of(new ProcessStartInfo(path, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        return (shell.Out + shell.Error).Trim();
    }
}
