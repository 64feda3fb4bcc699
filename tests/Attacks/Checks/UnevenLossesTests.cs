using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Checks;

namespace QSim.Attacks.Tests.Checks;

public class UnevenLossesTests
{
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
        Observation least = new()
        {
            Target = "chip",
            Attack = other,
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
        IReadOnlyList<Doubt> doubts = Believability.Examine(
            [least, least with { Attack = attack, Standing = standing }]);
        Assert.Equal(
            isDoubted ? ["uneven_losses"] : [], doubts.Select(d => d.Check));
        Assert.StartsWith("believable", Believability.Verdict(doubts));
    }
}
