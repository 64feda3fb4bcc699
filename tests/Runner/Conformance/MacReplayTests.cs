using QSim.Runner.Tests.CommandLine;

namespace QSim.Runner.Tests.Conformance;

/// <summary>
/// What an accumulation may state beyond the golden files, worked out by hand in 8 bits.
/// </summary>
public sealed class MacReplayTests : IDisposable
{
    private const string Int8 =
        "{\"bits\":8,\"integer_bits\":8,\"signed\":true,\"overflow\":\"SAT\"}";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\"xs\":[100,100,-100],\"ws\":[1,1,1],\"steps\":[100,127,27],\"out\":27")]
    [InlineData("\"xs\":[-100,100,100],\"ws\":[1,1,1],\"steps\":[-100,0,100],\"out\":100")]
    [InlineData(
        "\"xs\":[100,100,-100],\"ws\":[1,1,1],\"lanes\":\"all\",\"steps\":[100],\"out\":100")]
    [InlineData("\"xs\":[100,100,-100],\"ws\":[1,1,1],\"lanes\":2,\"steps\":[127,27],\"out\":27")]
    [InlineData(
        "\"xs\":[100,100,-100],\"ws\":[1,1,1],\"when\":\"end\",\"steps\":[100],\"out\":100")]
    [InlineData(
        "\"xs\":[100,100,-100],\"ws\":[1,1,1],\"interleave\":2,\"steps\":[100,0,100],\"out\":100")]
    [InlineData("\"xs\":[100,100],\"ws\":[1,-1],\"bias\":50,\"steps\":[127,27],\"out\":27")]
    [InlineData(
        "\"xs\":[100,100],\"ws\":[1,-1],\"bias\":50,\"bias_position\":\"last\","
        + "\"steps\":[100,0,50],\"out\":50")]
    [InlineData("\"xs\":[5,6],\"ws\":[1,1],\"x_zero_point\":5,\"steps\":[0,1],\"out\":1")]
    public void Conform_StatedFeature_IsHonoured(string row)
    {
        Finished run = Conform(row);
        Assert.True(run.ExitCode == 0, run.Out + run.Error);
    }

    [Fact]
    public void Conform_WrongPartialSum_ShowsTheStep()
    {
        Finished run = Conform(
            "\"xs\":[100,100,-100],\"ws\":[1,1,1],\"steps\":[100,-56,27],\"out\":27");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(
            "dump:1: accumulation: step 1: accumulator 100 becomes 127, the file says -56",
            run.Out);
    }

    [Theory]
    [InlineData("\"xs\":[1],\"ws\":[1,2],\"out\":1", "ws: 2 weights for 1 inputs")]
    [InlineData(
        "\"xs\":[1],\"ws\":[1],\"steps\":[1,2]", "steps: 2 partial sums where these make 1")]
    [InlineData("\"xs\":[500],\"ws\":[1],\"out\":1", "xs: 500 does not fit ap_fixed<8,8>")]
    [InlineData(
        "\"xs\":[1],\"ws\":[1],\"out\":1,\"lanes\":\"some\"", "lanes: 'some' (supported: 1, all)")]
    [InlineData("\"xs\":[1],\"ws\":[1],\"out\":1,\"order\":\"random\"", "order: unknown key")]
    public void Conform_RowThatMakesNoSense_IsRefused(string row, string message)
    {
        Finished run = Conform(row);

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("dump:1:", run.Error);
        Assert.Contains(message, run.Error);
    }

    private Finished Conform(string row)
    {
        File.WriteAllText(
            _folder.File("dump"),
            $"{{\"x\":{Int8},\"w\":{Int8},\"product\":null,"
                + $"\"accumulator\":{Int8},\"output\":{Int8},{row}}}\n");
        return Qsim.RunIn(_folder.Path, "conform", "dump");
    }
}
