using System.Diagnostics;
using QSim.Runner.Output;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>
/// Commands that are killed at random moments: the same command completes them.
/// <c>tests/endings.py</c> does it a thousand times.
/// </summary>
public class KillTests
{
    [SkippableTheory]
    [InlineData("run")]
    [InlineData("search")]
    [InlineData("sensitivity")]
    public void Endings_AFewKills_AreCompletedToEqualBytes(string command)
    {
        string? python = Programs.Find("python3");
        Skip.If(python is null, "python3 is not installed");
        var start = new ProcessStartInfo(
            python!, [Path.Combine(Shared.Repository, "tests/endings.py"), "kills", "4", command])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["QSIM"] = Path.Combine(AppContext.BaseDirectory, "qsim");
        Finished kills = Ends.Of(start);

        Assert.Contains("0 not completed to equal bytes", kills.Out);
        Assert.Equal(0, kills.ExitCode);
    }
}
