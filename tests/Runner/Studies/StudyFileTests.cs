using QSim.Attacks.Evaluation;
using QSim.Runner.Studies;
using QSim.Simulator;

namespace QSim.Runner.Tests.Studies;

public class StudyFileTests
{
    private const string Whole = """
        schema: qsim/study/1
        name: whole
        data: mnist
        network: lenet5
        epochs: 3
        seed: 18
        images: 40
        calibration_images: 7
        profiles: [int4, beside.yaml]
        attacks: [pgd-5]
        threat: transfer
        epsilons: [0.1, 8/255]
        """;

    [Fact]
    public void Read_EveryKey_ReachesTheSettings()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("beside.yaml"), "");

        StudySettings study = Read(folder, Whole).Settings;

        Assert.Equal(("whole", "mnist", "lenet5"), (study.Name, study.Dataset, study.Network));
        Assert.Equal(
            (3, 18ul, 40, 7), (study.Epochs, study.Seed, study.Images, study.CalibrationImages));
        Assert.Equal(["int4", folder.File("beside.yaml")], study.Profiles);
        Assert.Equal(["pgd-5"], study.Attacks);
        Assert.Equal([ThreatModel.Transfer], study.Threats);
        Assert.Equal([8 / 255.0, 0.1], study.Epsilons.Select(e => e.Value));
        Assert.False(study.StopAtChance);
    }

    [Fact]
    public void Read_SchemaAlone_IsTheQuickstartUnderTheFilesName()
    {
        using var folder = new TemporaryFolder();
        StudySettings quickstart = new();

        StudySettings study = Read(folder, "schema: qsim/study/1").Settings;

        Assert.Equal("study", study.Name);
        Assert.Equal(quickstart.Profiles, study.Profiles);
        Assert.Equal(quickstart.Epsilons, study.Epsilons);
        Assert.True(study.StopAtChance);
    }

    [Fact]
    public void Read_SeveralMistakes_ReportsEachAtItsPlace()
    {
        using var folder = new TemporaryFolder();

        InputException e = Assert.Throws<InputException>(() => Read(folder, """
            schema: qsim/study/1
            data: cifar
            epochs: 0
            attacks: [fgsm, pdg]
            epsilons: [8/255, 9/8]
            """));

        Assert.Equal(
            [(2, 7, "data"), (3, 9, "epochs"), (4, 17, "attacks[1]"), (5, 19, "epsilons[1]")],
            e.Errors.Select(error => (error.Line, error.Column, error.Path)));
    }

    /// <summary>What only the value as a whole can say is told at its place, too.</summary>
    [Fact]
    public void Read_ValueThatCannotBe_IsReportedAtItsPlace()
    {
        using var folder = new TemporaryFolder();

        InputException e = Assert.Throws<InputException>(() => Read(folder, """
            schema: qsim/study/1
            pixel_range: [1, 0]
            preprocess: {mean: 0.5, std: 0}
            """));

        Assert.Equal(
            [(2, 15, "pixel_range[0]"), (3, 30, "preprocess.std")],
            e.Errors.Select(error => (error.Line, error.Column, error.Path)));
    }

    [Fact]
    public void Read_NoSchema_SaysSo()
    {
        using var folder = new TemporaryFolder();

        Assert.Contains(
            "schema: missing",
            Assert.Throws<InputException>(() => Read(folder, "seed: 1")).Message);
    }

    private static StudyFile Read(TemporaryFolder folder, string yaml)
    {
        File.WriteAllText(folder.File("study.yaml"), yaml);
        return StudyFile.Read(folder.File("study.yaml"));
    }
}
