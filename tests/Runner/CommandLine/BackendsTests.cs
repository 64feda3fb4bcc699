using System.Text.Json;

namespace QSim.Runner.Tests.CommandLine;

/// <summary><c>qsim backends check</c> by the real executable.</summary>
public class BackendsTests
{
    [Fact]
    public void Check_Simd_IsEqualAndMeasured()
    {
        Finished run = Qsim.Run("backends", "check", "simd", "--minutes", "0", "--json");
        Assert.Equal(0, run.ExitCode);
        JsonElement report = JsonDocument.Parse(run.Out).RootElement[0];
        Assert.Equal("simd", report.GetProperty("backend").GetString());
        Assert.Equal(JsonValueKind.Null, report.GetProperty("first").ValueKind);
        foreach (JsonElement group in report.GetProperty("groups").EnumerateArray())
        {
            Assert.True(group.GetProperty("cases").GetInt32() > 0);
            Assert.Equal(0, group.GetProperty("different").GetInt32());
        }

        JsonElement[] rates = [.. report.GetProperty("rates").EnumerateArray()];
        Assert.NotEmpty(rates);
        Assert.All(
            rates,
            r => Assert.True(r.GetProperty("images_per_second").GetDouble() > 0));
    }

    [Fact]
    public void Check_ShardsWithoutRates_AreAllOfItUnmeasured()
    {
        int Cases(params string[] arguments)
        {
            JsonElement report = JsonDocument.Parse(
                Qsim.Run([
                    "backends", "check", "simd", "--minutes", "0", "--no-rates", "--json",
                    .. arguments,
                ]).Out).RootElement[0];
            Assert.Empty(report.GetProperty("rates").EnumerateArray());
            return report.GetProperty("groups").EnumerateArray()
                .Where(g => g.GetProperty("group").GetString() != "random programs")
                .Sum(g => g.GetProperty("cases").GetInt32());
        }

        Assert.Equal(Cases(), Cases("--shard", "1/2") + Cases("--shard", "2/2"));
    }

    [Theory]
    [InlineData("'3/2' is not a valid --shard", "simd", "--shard", "3/2")]
    [InlineData("unknown backend 'gpu9' (here are ", "gpu9")]
    [InlineData("--minutes -1 (supported: 0..10000)", "simd", "--minutes", "-1")]
    public void Check_WrongUsage_IsOneLine(string expected, params string[] arguments)
    {
        Finished run = Qsim.Run(["backends", "check", .. arguments]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error);
        Assert.Single(run.Error.Trim().Split('\n'));
    }
}
