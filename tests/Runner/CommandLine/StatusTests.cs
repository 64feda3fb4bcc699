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
}
