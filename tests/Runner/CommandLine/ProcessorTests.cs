namespace QSim.Runner.Tests.CommandLine;

/// <summary>
/// The same study on processors of different vectors: the runtime's switches take instructions
/// away, or make vectors wider where there are such.
/// </summary>
public sealed class ProcessorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Study_OnAnyVectors_TrainsTheSameNetworkAndGivesTheSameBytes()
    {
        string[] expected = Run("plain", []);

        Assert.Equal(2, expected.Length);
        Assert.Equal(expected, Run("none", new() { ["DOTNET_EnableHWIntrinsic"] = "0" }));
        Assert.Equal(expected, Run("sse", new() { ["DOTNET_EnableAVX2"] = "0" }));
        Assert.Equal(expected, Run("wide", new() { ["DOTNET_MaxVectorTBitWidth"] = "512" }));
    }

    /// <summary>The trained network and the results, as text.</summary>
    private string[] Run(string name, Dictionary<string, string> environment)
    {
        Finished run = Qsim.Finish(
            Qsim.Start(
                _folder.Path,
                [
                    "run", "--profile", "int8-wide", "--epochs", "1", "--images", "12",
                    "--attacks", "fgsm,apgd-ce-5", "--epsilons", "16/255", "--quiet", "--out", name,
                    "--cache", $"{name}-cache",
                ],
                environment));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        string network = Assert.Single(
            Directory.GetFiles(_folder.File($"{name}-cache/networks"), "*.bin"));
        return
        [
            Convert.ToHexString(File.ReadAllBytes(network)),
            File.ReadAllText(_folder.File($"{name}/results.json")),
        ];
    }
}
