namespace QSim.Runner.Tests.CommandLine;

/// <summary>A network that gives no numbers.</summary>
public sealed class DivergedTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_TrainingDiverged_IsOneLine()
    {
        File.WriteAllText(_folder.File("study.yaml"), """
            schema: qsim/study/1
            name: diverged
            data: digits
            network: digits-cnn
            images: 4
            epochs: 1
            training: {optimizer: sgd, learning_rate: 1.0e+30}
            profiles: [int8-wide]
            attacks: [fgsm]
            epsilons: [8/255]
            """);

        Finished run = Qsim.RunIn(_folder.Path, "run", "study.yaml", "--quiet", "--out", "run");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(
            "qsim: network digits-cnn: its logits for test image 0 are not finite numbers: its "
                + "weights are too large, or its training diverged (learning_rate)",
            run.Error.Trim());
    }
}
