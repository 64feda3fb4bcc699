namespace QSim.Runner.Tests.CommandLine;

public class ProfilesTests
{
    [Fact]
    public void Check_ReportsEveryMistakeOfEveryFile_AndExitsWith2()
    {
        using var folder = new TemporaryFolder();
        string bad = folder.File("bad.yaml");
        File.WriteAllText(bad, Qsim.Run("profiles", "show", "int8-acc-sat").Out
            .Replace("bits: ", "bits: 9").Replace("SAT", "SATURATE"));
        var result = Qsim.Run("profiles", "check", "int4", bad);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("int4: ok: int4 (sha256 ", result.Out);
        string[] lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Matches(
            @"bad\.yaml:\d+:\d+: mac\.accumulator\.bits: 9\d+ is more than 64 "
                + @"\(supported: 2\.\.64\)",
            lines[0]);
        Assert.Contains("'SATURATE' is not known; did you mean 'SAT'?", lines[1]);
    }

    [Fact]
    public void Explain_ShowsDefaultsAndOrigins()
    {
        string text = Qsim.Run("profiles", "explain", "int8-acc-sat").Out;
        Assert.Matches(@"mac\.accumulator\.overflow +SAT +int8-acc-sat\.yaml:\d+", text);
        Assert.Matches(@"weight\.bits +8 +int8-wide\.yaml:\d+", text);
        Assert.Matches(@"mac\.lanes +1 +default", text);
        Assert.Contains("exact product 16 bits", text);
    }

    [Fact]
    public void Explain_WithNetwork_ProvesTheWideAccumulatorAndNotTheNarrowOne()
    {
        string wide = Qsim.Run("profiles", "explain", "int8-wide", "--network", "digits-cnn").Out;
        Assert.Equal(
            4,
            wide.Split('\n')
                .Count(l => l.TrimEnd().EndsWith("never overflows", StringComparison.Ordinal)));
        string narrow = Qsim.Run("profiles", "explain", "acc12-sat", "--network", "digits-cnn").Out;
        // In the words that a profile says it with.
        Assert.Matches(@"(?m)^conv1 .* channel_last +12 bits, SAT ", narrow);
        Assert.Matches(
            @"conv2 +12 +\d+ .*can overflow by \d+ bits?, from update \d+ of 72 on", narrow);
    }

    /// <summary>What is below 0 fits no unsigned accumulator, however wide.</summary>
    [Fact]
    public void Explain_UnsignedAccumulator_LacksASignAndNotBits()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder.File("p.yaml"),
            "schema: qsim/hardware-profile/1\nname: p\nextends: int8-wide\n"
                + "mac: {accumulator: {bits: 24, signed: false, overflow: SAT}}\n");

        string text = Qsim.Run(
            "profiles", "explain", folder.File("p.yaml"), "--network", "digits-cnn").Out;

        Assert.Matches(@"(?m)^conv1 .* 24 bits unsigned, SAT ", text);
        Assert.Matches(
            @"(?m)^conv1 +24 +a sign +a sign .* can overflow below 0, which no unsigned width "
                + @"holds, from update \d+ of 9 on", text);
    }

    /// <summary>The images that a file's network takes, not those of a preset.</summary>
    [Fact]
    public void Explain_WithANetworkOfAFile_CalibratesOnImagesOfItsSize()
    {
        string network = Path.Combine(
            Shared.Repository, "docs", "integer-network", "net.yaml");

        Finished run = Qsim.Run("profiles", "explain", "tflite-int8", "--network", network);

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"(?m)^dense2 .* never overflows", run.Out);
    }

    [Theory]
    [InlineData("nowhere.yaml", "nowhere.yaml: there is no such file")]
    [InlineData("nowhere", "unknown network 'nowhere'")]
    public void Explain_NetworkIsNone_IsOneLineAndNothingElse(string network, string expected)
    {
        Finished run = Qsim.Run("profiles", "explain", "int4", "--network", network);

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains(expected, Assert.Single(run.Error.TrimEnd('\n').Split('\n')));
    }

    [Fact]
    public void Diff_NamesTheKeysThatDiffer()
    {
        string text = Qsim.Run("profiles", "diff", "int8-wide", "int8-acc-sat").Out;
        Assert.Matches(@"mac\.accumulator\.overflow +WRAP +SAT", text);
        Assert.DoesNotContain("weight", text);
        Assert.Contains("same hardware", Qsim.Run("profiles", "diff", "int4", "int4").Out);
    }

    [Fact]
    public void New_IsAccepted()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("chip.yaml"), Qsim.Run("profiles", "new", "chip").Out);
        Assert.Equal(0, Qsim.Run("profiles", "check", folder.File("chip.yaml")).ExitCode);
    }

    [Fact]
    public void Schema_IsTheShippedOne() =>
        Assert.Equal(
            File.ReadAllText(
                Path.Combine(Shared.Repository, "hardware-profiles", "hardware-profile.schema.json")
            ),
            Qsim.Run("profiles", "schema").Out);
}
