using QSim.Simulator.Profiles.Formats;

namespace QSim.Simulator.Tests.Profiles;

public class FormatParserTests
{
    [Theory]
    [InlineData("int8", 8, null, true, null, null, null)]
    [InlineData(" uint4 ", 4, null, false, null, null, null)]
    [InlineData("ap_fixed<16,6>", 16, 10, true, "TRN", "WRAP", null)]
    [InlineData("ap_fixed<16, 6, AP_RND_CONV, AP_SAT>", 16, 10, true, "RND_CONV", "SAT", null)]
    [InlineData("ap_fixed<8,12>", 8, -4, true, "TRN", "WRAP", null)]
    [InlineData("ap_fixed<8,-4>", 8, 12, true, "TRN", "WRAP", null)]
    [InlineData("ap_ufixed<8,0,AP_RND,AP_WRAP,3>", 8, 8, false, "RND", "WRAP", 3)]
    [InlineData("fixed<16,6,RND_INF>", 16, 10, true, "RND_INF", "WRAP", null)]
    [InlineData("ufixed<8,0>", 8, 8, false, "TRN", "WRAP", null)]
    [InlineData(
        "ac_fixed<8,4,true,AC_RND_CONV_ODD,AC_SAT_SYM>", 8, 4, true, "RND_CONV_ODD", "SAT_SYM",
        null)]
    [InlineData("ac_fixed<8,4,false>", 8, 4, false, "TRN", "WRAP", null)]
    [InlineData("sc_fixed<8,4,SC_RND_ZERO,SC_WRAP_SM,1>", 8, 4, true, "RND_ZERO", "WRAP_SM", 1)]
    [InlineData("sc_ufixed<64,0>", 64, 64, false, "TRN", "WRAP", null)]
    [InlineData("ap_int<8>", 8, 0, true, "TRN", "WRAP", null)]
    [InlineData("ap_uint< 8 >", 8, 0, false, "TRN", "WRAP", null)]
    [InlineData("ac_int<8,true>", 8, 0, true, "TRN", "WRAP", null)]
    [InlineData("ac_int<8,false>", 8, 0, false, "TRN", "WRAP", null)]
    [InlineData("sc_int<64>", 64, 0, true, "TRN", "WRAP", null)]
    [InlineData("sc_uint<1>", 1, 0, false, "TRN", "WRAP", null)]
    public void Parse_ReadsWhatPeopleWrite(
        string text, int bits, int? fraction, bool isSigned, string? rounding, string? overflow,
        int? n)
    {
        FormatNotation? format = FormatParser.Parse(text, out string? error);
        Assert.Null(error);
        Assert.Equal(
            new FormatNotation(bits, fraction, isSigned, rounding, overflow, n),
            format! with { Prefix = null });
    }

    [Theory]
    [InlineData("Q7.8")]
    [InlineData("uQ1.15")]
    [InlineData("q15")]
    public void Parse_BareQ_IsRefusedWithTheReason(string text)
    {
        Assert.Null(FormatParser.Parse(text, out string? error));
        Assert.Contains(text[0] == 'q' ? "is not a number format" : "counts the sign bit", error);
    }

    [Theory]
    [InlineData("ap_fixed<16,6,AC_RND>")]
    [InlineData("ap_fixed<16,6,AP_RND_CONV_ODD>")]
    [InlineData("ac_fixed<16,6>")]
    [InlineData("ap_fixed<65,6>")]
    [InlineData("ap_fixed<16,6,AP_RND,AP_WRAP,17>")]
    [InlineData("ap_fixed<16,6,AP_RND,AP_WRAP,1,1>")]
    [InlineData("ap_fixed<,>")]
    [InlineData("ap_fixed<16,999999999999>")]
    [InlineData("ap_int<8,true>")]
    [InlineData("ap_int<0>")]
    [InlineData("ac_int<8>")]
    [InlineData("ac_int<8,yes>")]
    [InlineData("int")]
    [InlineData("int123")]
    [InlineData("float16")]
    [InlineData("")]
    public void Parse_RefusesTheRest(string text)
    {
        Assert.Null(FormatParser.Parse(text, out string? error));
        Assert.False(string.IsNullOrEmpty(error));
    }

    [Fact]
    public void Pattern_AgreesWithTheParser()
    {
        string[] texts =
        [
            "int8",
            "uint32",
            "int33",
            "int0",
            "ap_fixed<16,6>",
            "fixed< 16 , 6 >",
            "ac_fixed<8,4,true>",
            "ac_fixed<8,4>",
            "sc_fixed<8,4,SC_RND>",
            "sc_fixed<8,4,AP_RND>",
            "ap_fixed<16,6,RND,SAT,2>",
            "ap_fixed<0,1>",
            "ap_fixed<33,1>",
            "ap_int<8>",
            "sc_uint<32>",
            "ap_uint<33>",
            "ac_int<8,true>",
            "ac_int<8>",
            "ap_int<8,true>",
            "Q7",
        ];
        foreach (string text in texts)
        {
            bool parses = FormatParser.Parse(text, out _) is { Bits: >= 1 and <= 32 };
            bool matches = System.Text.RegularExpressions.Regex.IsMatch(
                text, FormatParser.Pattern(32, hasIntegers: true));
            Assert.True(parses == matches, text);
        }
    }
}
