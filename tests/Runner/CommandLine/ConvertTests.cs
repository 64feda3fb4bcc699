namespace QSim.Runner.Tests.CommandLine;

/// <summary><c>qsim convert</c> through the real executable.</summary>
public class ConvertTests
{
    [Theory]
    [InlineData("7.97", "ap_fixed<8,4,RND,WRAP>", -128, "-8")]
    [InlineData("7.97", "ap_fixed<8,4,RND,SAT>", 127, "7.9375")]
    [InlineData("7.97", "ap_fixed<8,4>", 127, "7.9375")]
    [InlineData("-0.03125", "ap_fixed<8,4,RND_CONV,SAT>", 0, "0")]
    [InlineData("-0.09375", "ap_fixed<8,4,RND_CONV,SAT>", -2, "-0.125")]
    [InlineData("-1e300", "ap_ufixed<8,0,TRN,SAT>", 0, "0")]
    [InlineData("1e-300", "fixed<8,4,CEIL,SAT>", 1, "0.0625")]
    [InlineData("96", "ap_fixed<4,8,TRN,SAT>", 6, "96")]
    public void Convert_RealValue_PrintsRawAndReal(
        string value, string format, long raw, string real)
    {
        Finished run = Qsim.Run("convert", value, "--to", format);

        Assert.Equal(0, run.ExitCode);
        Assert.Matches($@"(?m)^raw +{raw}$", run.Out);
        Assert.Matches($@"(?m)^real +{real}$", run.Out);
    }

    [Fact]
    public void Convert_TieThatWraps_ShowsEveryStep()
    {
        string text = Qsim.Run("convert", "7.96875", "--to", "ap_fixed<8,4,RND,WRAP>").Out;

        Assert.Contains("127.5 steps of 0.0625", text);
        Assert.Contains("RND: between 127 and 128, a tie, takes 128", text);
        Assert.Contains(
            "128 is outside -128..127, becomes -128 (the low 8 bits are 10000000)", text);
        Assert.Contains("overflowed, inexact", text);
    }

    [Fact]
    public void Convert_RawValue_ReadsTheSourceFormat()
    {
        string text = Qsim.Run(
            "convert", "300", "--from", "ap_ufixed<9,6>", "--to", "ap_ufixed<5,4,TRN,WRAP,2>").Out;

        Assert.Contains("raw 300 of ap_ufixed<9,6> = 37.5", text);
        Assert.Matches(@"(?m)^raw +27$", text);
    }

    [Theory]
    [InlineData("abc", "int8", "'abc' is not a finite real number")]
    [InlineData("nan", "int8", "'nan' is not a finite real number")]
    [InlineData("1", "Q4.4", "ambiguous")]
    [InlineData("1", "ap_fixed<8,4,RMD>", "is not a mode of ap_fixed")]
    [InlineData("1", "ap_ufixed<8,4,RND,WRAP_SM>", "WRAP_SM is for signed formats")]
    public void Convert_BadInput_IsOneLineAndExitCode2(string value, string format, string message)
    {
        Finished run = Qsim.Run("convert", value, "--to", format);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }
}
