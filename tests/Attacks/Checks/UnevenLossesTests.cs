using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Checks;

namespace QSim.Attacks.Tests.Checks;

public class UnevenLossesTests
{
    private static readonly Observation Least = new()
    {
        Target = "chip",
        Attack = "apgd-dlr",
        Threat = ThreatModel.Hardware,
        Budget = new(Norm.Linf, new(0.1)),
        Standing = 500,
        Images = 1000,
        Evidence = new()
        {
            Needs = Knowledge.Gradients,
            Attempts = 1,
            Attacked = 1000,
            Queries = default,
            Gradients = default,
        },
    };

    /// <summary>
    /// Of 60 images five may all fall to one loss by chance; six are too many for that.
    /// </summary>
    [Theory]
    [InlineData(35, false)]
    [InlineData(36, true)]
    public void Examine_FewImages_ChanceIsNoDoubt(int standing, bool isDoubted)
    {
        Observation least = Least with { Attack = "apgd-dlr", Standing = 30, Images = 60 };
        Assert.Equal(
            isDoubted ? ["uneven_losses"] : [],
            Believability.Examine([least, least with { Attack = "apgd-ce", Standing = standing }])
                .Select(d => d.Check));
    }

    /// <summary>
    /// Where three images make cross-entropy's figure half as large again, it depends on them,
    /// chance or not; two are nothing, and three of many do not change it.
    /// </summary>
    [Theory]
    [InlineData("apgd-ce", 8, 11, true)]
    [InlineData("apgd-ce", 8, 10, false)]
    [InlineData("apgd-ce", 12, 15, false)]
    [InlineData("apgd-ce", 12, 16, true)]
    [InlineData("apgd-ce", 0, 3, true)]
    [InlineData("apgd-dlr", 8, 11, false)]
    public void Examine_FewStand_DoubtsWhatInflatesTheFigure(
        string attack, int least, int standing, bool isDoubted)
    {
        Observation more = Least with { Attack = attack, Standing = standing, Images = 64 };
        Observation fewest = more with { Attack = "apgd-margin", Standing = least };
        Assert.Equal(
            isDoubted ? ["uneven_losses"] : [],
            Believability.Examine([fewest, more]).Select(d => d.Check));
    }

    [Theory]
    [InlineData("apgd-ce", 521, "apgd-dlr", true)]
    [InlineData("apgd-ce-50:step=1", 521, "apgd-margin-50:step=1", true)]
    [InlineData("apgd-ce", 520, "apgd-dlr", false)] // 2 %
    [InlineData("apgd-ce-20", 600, "apgd-dlr", false)] // not the same steps
    [InlineData("pgd-40", 600, "apgd-dlr", false)] // not the same attack
    [InlineData("apgd-ce", 600, "apgd-t", false)] // more attempts
    public void Examine_OneLossLeavesMore_IsNamedWhereNothingElseDiffers(
        string attack, int standing, string other, bool isDoubted)
    {
        Observation least = Least with { Attack = other };
        IReadOnlyList<Doubt> doubts = Believability.Examine(
            [least, least with { Attack = attack, Standing = standing }]);
        Assert.Equal(
            isDoubted ? ["uneven_losses"] : [], doubts.Select(d => d.Check));
        Assert.StartsWith("believable", Believability.Verdict(doubts));
    }
}
