using System.Text.Json;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>What <c>qsim certify --certificates</c> keeps beside proofs.</summary>
public sealed class CertifyAgainTests : IDisposable
{
    private const string Study = """
        schema: qsim/study/1
        epochs: 8
        images: 40
        profiles: [int8-wide]
        epsilons: [12/255]
        certify: {method: complete, nodes: 3, seconds: 60}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public CertifyAgainTests() => File.WriteAllText(_folder.File("s.yaml"), Study);

    [Fact]
    public void Undecided_AreSearchedAgainWithMoreTimeAlone()
    {
        const string Little = "0.0001";
        string[] first = Verdicts(Run("--seconds", Little));
        int open = first.Count(v => v == "undecided");
        Assert.True(open > 0);
        Assert.Equal(open, Files("*.undecided.json").Length);

        Finished again = Run("--seconds", Little);

        Assert.Equal(first, Verdicts(again));
        Assert.All(Nodes(again), nodes => Assert.Equal(0, nodes));
        Assert.Contains(
            $"int8-wide at 12/255: {open} undecided images were searched as far before, and not "
                + $"again (more --seconds search {open} further)", again.Error);

        Finished more = Run();

        Assert.DoesNotContain("searched as far before", more.Error);
        Assert.All(
            first.Zip(Nodes(more)),
            v => Assert.Equal(v.First == "undecided", v.Second > 0));
        Assert.Contains("broken", Verdicts(more));
        int left = Verdicts(more).Count(v => v == "undecided");
        Assert.Equal(left, Files("*.undecided.json").Length);

        // They had all branches that the study allows.
        Finished most = Run("--seconds", "120");

        Assert.Equal(Verdicts(more), Verdicts(most));
        Assert.All(Nodes(most), nodes => Assert.Equal(0, nodes));
        Assert.Contains($"{left} undecided images were searched as far", most.Error);
        Assert.DoesNotContain("more --seconds", most.Error);
    }

    [Fact]
    public void Broken_AreKeptAndChecked_AndSearchedAgainWhereTheyDoNotHold()
    {
        string[] verdicts = Verdicts(Run());
        int broken = verdicts.Count(v => v == "broken");
        int proved = verdicts.Count(v => v == "proved");
        string[] files = Files("*.broken.json");
        Assert.Equal(broken, files.Length);
        string[] check = ["certify", "check", "proofs", "--cache", "nets"];
        Finished all = Qsim.RunIn(_folder.Path, check);
        Assert.Equal(0, all.ExitCode);
        Assert.EndsWith(
            $"\n{proved} of {proved} certificates hold, {broken} of {broken} counterexamples "
                + "break\n", all.Out);
        Assert.Equal(broken, all.Out.Split("breaks: int8-wide decides another class").Length - 1);

        string right = File.ReadAllText(files[0]);
        foreach ((string damage, string said) in new[]
        {
            (right.Replace("\"epsilon\":\"12/255\"", "\"epsilon\":\"1/2550\""),
                "does not hold: its image is not allowed"),
            (right.Replace("\"adversarial\":[", "\"adversarial\":[0.5,"),
                "does not hold: it has 65 pixels, not 64"),
            (right[..^20], "is not a counterexample, or is damaged"),
        })
        {
            File.WriteAllText(files[0], damage);
            Finished wrong = Qsim.RunIn(_folder.Path, check);
            Assert.NotEqual(0, wrong.ExitCode);
            Assert.Contains(said, wrong.Error);
        }

        Finished again = Run();

        Assert.Equal(verdicts, Verdicts(again));
        Assert.Equal(1, Nodes(again).Count(n => n > 0));
        Assert.Equal(right, File.ReadAllText(files[0]));
    }

    /// <summary>What was being written when a process was killed goes; a living one's stays.
    /// </summary>
    [Fact]
    public void Temporary_OfAProcessThatIsGone_IsCleared()
    {
        Finished first = Run("--certify", "complete", "--seconds", "0.0001");
        Assert.Equal(0, first.ExitCode);
        string machine = Environment.MachineName, name = $"int8-wide-12_255-0.json.{machine}";
        string gone = _folder.File($"proofs/{name}.{int.MaxValue}.tmp");
        string[] stay =
        [
            _folder.File($"proofs/{name}.{Environment.ProcessId}.tmp"),
            _folder.File("proofs/mine.tmp"),
            _folder.File("proofs/int8-wide-12_255-0.json.elsewhere.1.tmp"),
        ];
        string old = _folder.File("proofs/int8-wide-12_255-1.json.elsewhere.1.tmp");
        foreach (string file in stay.Append(gone).Append(old)) File.WriteAllText(file, "half");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow - TimeSpan.FromDays(3));
        // The network is trained and put in again.
        string cached = _folder.File($"nets/networks/a.bin.{machine}.{int.MaxValue}.tmp");
        foreach (string file in Directory.GetFiles(_folder.File("nets/networks")))
            File.Delete(file);
        File.WriteAllText(cached, "half");

        Assert.Equal(0, Run("--certify", "complete", "--seconds", "0.0001").ExitCode);

        Assert.Equal(stay.Order(), Files("*.tmp").Order());
        Assert.False(File.Exists(cached));
    }

    private Finished Run(params string[] more) => Qsim.RunIn(
        _folder.Path,
        ["certify", "s.yaml", "--cache", "nets", "--certificates", "proofs", "--json", .. more]);

    private string[] Files(string pattern) =>
        Directory.GetFiles(_folder.File("proofs"), pattern);

    private static IEnumerable<JsonElement> Images(Finished run) => JsonDocument.Parse(run.Out)
        .RootElement.GetProperty("cells")[0].GetProperty("verdicts").EnumerateArray();

    private static string[] Verdicts(Finished run) =>
        [.. Images(run).Select(v => v.GetProperty("verdict").GetString()!)];

    private static long[] Nodes(Finished run) =>
        [.. Images(run).Select(v => v.GetProperty("nodes").GetInt64())];
}
