using System.Text.Json;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>What <c>qsim status</c> says of tasks at work.</summary>
public sealed class StatusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Its cells are older than its beginning: they tell no pace.</summary>
    [Theory]
    [InlineData(+1, true)]
    [InlineData(-1, false)]
    public void Status_TaskThatWasBegunAgain_SaysNoTimeLeft(int hours, bool saysTime)
    {
        File.WriteAllText(
            _folder.File("s.yaml"),
            "schema: qsim/study/1\nepochs: 1\nimages: 4\nprofiles: [int4]\nattacks: [fgsm]\n"
                + "epsilons: [0.1]\n");
        Assert.Equal(0, Qsim.RunIn(
            _folder.Path, "submit", "s.yaml", "--local", "1", "--array-size", "1", "--out", "r",
            "--quiet").ExitCode);
        string cells = _folder.File("r/tasks/0001/cells.jsonl");
        File.WriteAllLines(cells, File.ReadAllLines(cells)[..^1]);
        File.SetLastWriteTimeUtc(cells, DateTime.UtcNow + TimeSpan.FromHours(hours));
        using FolderLock atWork = FolderLock.Take(_folder.File("r/tasks/0001"));

        JsonElement status = JsonDocument.Parse(
            Qsim.RunIn(_folder.Path, "status", "r", "--json").Out).RootElement;

        Assert.Equal(
            "running", status.GetProperty("tasks")[0].GetProperty("state").GetString());
        Assert.Equal(
            saysTime ? JsonValueKind.Number : JsonValueKind.Null,
            status.GetProperty("seconds_left").ValueKind);
    }

    /// <summary>
    /// What a task measured before it was begun again took none of the time since; the task says
    /// how much that is.
    /// </summary>
    [Fact]
    public void SecondsLeft_OfATaskThatWasBegunAgain_GoByWhatItMeasuredSince()
    {
        File.WriteAllText(
            _folder.File("s.yaml"),
            "schema: qsim/study/1\nepochs: 1\nimages: 4\nprofiles: [int4]\nattacks: [fgsm]\n"
                + "epsilons: [0.1, 0.2]\n");
        string[] submit =
        [
            "submit", "s.yaml", "--local", "1", "--array-size", "1", "--out", "r", "--quiet",
        ];
        Assert.Equal(0, Qsim.RunIn(_folder.Path, submit).ExitCode);
        string cells = _folder.File("r/tasks/0001/cells.jsonl"),
            manifest = _folder.File("r/tasks/0001/manifest.json");
        string[] lines = File.ReadAllLines(cells);
        int done = lines.Length - 2;
        string first = File.ReadAllText(manifest);
        Assert.DoesNotContain("cells_before", first);
        File.WriteAllLines(cells, lines[..done]);
        File.SetLastWriteTimeUtc(cells, DateTime.UtcNow + TimeSpan.FromHours(1));

        double all = Left(0)!.Value;
        Assert.InRange(Left(done - 1)!.Value, (all * done) - 2, (all * done) + 2);
        Assert.Null(Left(done));

        File.Delete(_folder.File("r/manifest.json"));
        Assert.Equal(0, Qsim.RunIn(_folder.Path, submit).ExitCode);
        Assert.Contains($"\"cells_before\": {done}", File.ReadAllText(manifest));

        double? Left(int before)
        {
            File.WriteAllText(manifest, first.Replace(
                "\"seconds\":", $"\"cells_before\": {before},\n  \"seconds\":"));
            using FolderLock atWork = FolderLock.Take(_folder.File("r/tasks/0001"));
            JsonElement left = JsonDocument.Parse(
                Qsim.RunIn(_folder.Path, "status", "r", "--json").Out)
                .RootElement.GetProperty("seconds_left");
            return left.ValueKind == JsonValueKind.Null ? null : left.GetDouble();
        }
    }
}
