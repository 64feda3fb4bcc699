using System.Diagnostics;
using QSim.Kernels.Backends.Simd;

namespace QSim.Kernels.Tests.Simd;

/// <summary>
/// The same comparisons in processes that see fewer vector units. The runtime reads these variables
/// when it starts, so each runs the test assembly again.
/// </summary>
public sealed class FewerInstructionsTests
{
    private const string Expected = "QSIM_TEST_VECTOR_BITS";

    [SkippableTheory]
    [InlineData("DOTNET_EnableAVX512", 256)]
    [InlineData("DOTNET_EnableAVX2", 128)]
    [InlineData("DOTNET_EnableHWIntrinsic", 64)]
    public async Task Run_WithFewerInstructions_EqualsReference(string variable, int mostBits)
    {
        Skip.If(
            Environment.GetEnvironmentVariable(Expected) is not null,
            "runs in a process that has fewer already");
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                "vstest", typeof(FewerInstructionsTests).Assembly.Location,
                "--TestCaseFilter:FullyQualifiedName~FastLayerTests|FullyQualifiedName~VectorBits_"
                    + "|FullyQualifiedName~BoundedSumTests|FullyQualifiedName~MultiplierTests"
                    + "|(FullyQualifiedName~SimdConformance&FullyQualifiedName~EveryDepth)",
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[variable] = "0";
        start.Environment[Expected] = $"{mostBits}";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync() + await error;
        await process.WaitForExitAsync();
        Assert.True(
            process.ExitCode == 0 && output.Contains("Passed: "), $"{variable}=0:\n{output}");
    }

    /// <summary>A variable that does nothing would make the test above prove nothing.</summary>
    [Fact]
    public void VectorBits_AreNoMoreThanTheVariablesAllow()
    {
        string most = Environment.GetEnvironmentVariable(Expected) ?? "512";
        int bits = int.Parse(new SimdBackend().Description.Split('(')[1].Split(' ')[0]);
        Assert.InRange(bits, 64, int.Parse(most));
    }
}
