using QSim.Runner.Tests.CommandLine;

namespace QSim.Runner.Tests.Reports;

/// <summary>One small finished run, with the real executable.</summary>
public sealed class RunFixture : IDisposable
{
    private const string Hostile = "<script>alert(1)</script> & \"q\" 'a' | _b_ `c`";

    private const string Study = """
        schema: qsim/study/1
        name: small
        epochs: 3
        images: 40
        calibration_images: 16
        profiles: [int8-wide, mine.yaml, int4]
        attacks: [fgsm, pgd-3]
        threats: [hardware, transfer]
        epsilons: [16/255, 0.3]
        """;

    public RunFixture()
    {
        File.WriteAllText(
            Folder.File("mine.yaml"),
            "schema: qsim/hardware-profile/1\nextends: int8-acc-wrap\nname: mine\n");
        File.WriteAllText(Folder.File("s.yaml"), Study);
        Finished run = Qsim.RunIn(Folder.Path, "run", "s.yaml", "--out", "r", "--quiet");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }

    internal TemporaryFolder Folder { get; } = new();

    /// <summary>The run's folder.</summary>
    public string Run => Folder.File("r");

    /// <summary>
    /// The same run in another folder, with a profile called what no page may take for its own.
    /// </summary>
    public string HostileRun()
    {
        string folder = Directory.CreateDirectory(Folder.File("hostile")).FullName;
        foreach (string name
            in new[] { "study.json", "manifest.json", "hardware.json", "cells.jsonl" })
        {
            string json = System.Text.Json.JsonSerializer.Serialize(Hostile + "\u0001")[1..^1];
            string text = File.ReadAllText(Path.Combine(Run, name));
            string Rename(string text) => text.Replace("\"mine\"", $"\"{json}\"");
            File.WriteAllText(
                Path.Combine(folder, name),
                name == "cells.jsonl"
                    ? Forged.Lines(text, Rename)
                    : Forged.Document(text, Rename));
        }

        return folder;
    }

    public void Dispose() => Folder.Dispose();
}
