using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Checks;

namespace QSim.Attacks.Tests.Checks;

/// <summary>What each doubt and the verdict say, word for word.</summary>
public class DoubtWordsTests
{
    private static readonly AttackEvidence Seen = new()
    {
        Needs = Knowledge.Gradients,
        Attempts = 1,
        Attacked = 1000,
        Queries = default,
        Gradients = default,
    };

    private static readonly AttackEvidence OneStep = Seen with { IsSingleStep = true };
    private static readonly AttackEvidence Scores = Seen with { Needs = Knowledge.Scores };
    private static readonly AttackEvidence Labels = Seen with { Needs = Knowledge.Labels };

    private static readonly Observation Sound = new()
    {
        Target = "chip",
        Attack = "pgd-40",
        Threat = ThreatModel.Hardware,
        Budget = new(Norm.Linf, Epsilon.Parse("8/255")),
        Standing = 500,
        Images = 1000,
        Evidence = Seen,
    };

    private static readonly Observation Everything = Sound with
    {
        Budget = new(Norm.Linf, Epsilon.Parse("1")),
    };

    public static TheoryData<string, Observation[]> Doubts => new()
    {
        {
            "weak_iterations: pgd-40 linf 8/255 on chip: 50.0 % standing, where the single step of "
                + "fgsm leaves 40.0 %",
            [Sound, Sound with { Attack = "fgsm", Standing = 400, Evidence = OneStep }]
        },
        {
            "rising_accuracy: pgd-40 linf 0.1 on chip: 51.0 % standing, more than 50.0 % at linf "
                + "8/255",
            [Sound, Sound with { Budget = new(Norm.Linf, Epsilon.Parse("0.1")), Standing = 510 }]
        },
        {
            "strong_black_box: square linf 8/255 on chip (score): 40.0 % standing, where the white "
                + "box pgd-40 leaves 50.0 %",
            [Sound, Sound with
            {
                Attack = "square",
                Threat = ThreatModel.Score,
                Standing = 400,
                Evidence = Scores,
            }]
        },
        {
            "zero_gradients: pgd-40 linf 8/255 on chip: 20 of 1000 images have no gradient at all",
            [Saw(Seen with { WithoutGradient = 20 })]
        },
        {
            "zero_gradients: pgd-40 linf 8/255 on chip: 20 of 1000 images have no gradient at all; "
                + "of 15 it dies in relu1",
            [Saw(Seen with { WithoutGradient = 20, DiesIn = "relu1", DiesInCount = 15 })]
        },
        {
            "zero_gradients: pgd-40 linf 8/255 on chip: 20 of 1000 images have no gradient at all; "
                + "of 15 it is zero at the logits already",
            [Saw(Seen with { WithoutGradient = 20, DiesIn = "loss", DiesInCount = 15 })]
        },
        {
            "blind_attack: apgd-ce linf 8/255 on chip: 60 of 1000 images have no gradient at all; "
                + "of 60 it is zero at the logits already: its 55.0 % say nothing, pgd-40, which "
                + "has gradients, leaves 50.0 %",
            [
                Sound,
                Saw(Seen with { WithoutGradient = 60, DiesIn = "loss", DiesInCount = 60 }) with
                {
                    Attack = "apgd-ce", Standing = 550,
                },
            ]
        },
        {
            "uneven_losses: apgd-ce-50 linf 8/255 on chip: 52.1 % standing, where apgd-dlr-50, the "
                + "same steps on another loss, leaves 50.0 %",
            [
                Sound with { Attack = "apgd-dlr-50" },
                Sound with { Attack = "apgd-ce-50", Standing = 521 },
            ]
        },
        {
            "unbounded_not_zero: pgd-40 linf 1 on chip: 0.1 % standing though every image is "
                + "allowed",
            [Everything with { Standing = 1 }]
        },
        {
            "restarts_still_help: pgd-40 linf 8/255 on chip: the last of 5 attempts still broke 6 "
                + "of 1000 images",
            [Saw(Seen with { Attempts = 5, BrokenByLastAttempt = 6 })]
        },
        {
            "steps_still_help: pgd-40 linf 8/255 on chip: the last quarter of the steps still "
                + "broke 11 of 1000 images",
            [Saw(Seen with { BrokenLate = 11 })]
        },
        {
            "not_deterministic: pgd-40 linf 8/255 on chip: 3 images were judged differently the "
                + "second time",
            [Saw(Seen with { Undecided = 3 })]
        },
        {
            "weaker_than_transfer: pgd-40 linf 8/255 on chip: 50.0 % standing, where images that "
                + "apgd-ce made on float leave 40.0 %",
            [Sound, Sound with
            {
                Attack = "apgd-ce", Threat = ThreatModel.Transfer, Source = "float",
                Standing = 400,
            }]
        },
        {
            "too_few_classes: apgd-dlr linf 8/255 on chip: its loss needs 3 classes (DLR three, "
                + "targeted DLR four), there are 2",
            [Saw(Seen with { LeastClasses = 3, Classes = 2 }) with { Attack = "apgd-dlr" }]
        },
        {
            "not_attacked: chip was not attacked with any budget above 0",
            [Sound with { Budget = new(Norm.Linf, Epsilon.Parse("0")) }]
        },
        {
            "only_weak_attacks: chip was attacked by nothing stronger than fgsm, noise",
            [
                Sound with { Attack = "fgsm", Evidence = OneStep },
                Sound with { Attack = "noise", Evidence = Labels },
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Doubts))]
    public void Examine_Doubt_SaysWhatAndWhere(string expected, Observation[] observations)
    {
        Doubt doubt = Assert.Single(Believability.Examine(observations));
        Assert.Equal(expected, $"{doubt.Check}: {doubt.Message}");
    }

    [Fact]
    public void Verdict_SeveralTargets_NamesEachWithItsChecks()
    {
        Assert.Equal(
            "believable: no check found a sign of masked gradients or weak attacks",
            Believability.Verdict([]));
        IReadOnlyList<Doubt> doubts = Believability.Examine(
        [
            Saw(Seen with { BrokenLate = 11, WithoutGradient = 20 }),
            Everything with { Standing = 1 },
            Sound with { Target = "other", Evidence = Seen with { Undecided = 1 } },
            Sound with { Target = "sound" },
        ]);
        Assert.Equal(
            "not believable as it stands for chip (steps_still_help 1x, zero_gradients 1x, "
                + "unbounded_not_zero 1x), other (not_deterministic 1x)",
            Believability.Verdict(doubts));
    }

    /// <summary>
    /// What the network withstands can be believed; what one attack leaves of it cannot.
    /// </summary>
    [Fact]
    public void Verdict_BlindAttackBesideOneThatSees_IsBelievableAndNamesIt()
    {
        Observation blind = Saw(Seen with { WithoutGradient = 60 });
        IReadOnlyList<Doubt> doubts = Believability.Examine(
            [Sound, blind with { Attack = "apgd-ce", Standing = 550 }]);
        Assert.True(Believability.IsBelievable(doubts.Select(d => d.Check)));
        Assert.Equal(
            "believable: no check found a sign of masked gradients or weak attacks in the attack "
                + "that leaves least; figures of others beside it to leave out: chip (blind_attack "
                + "1x)",
            Believability.Verdict(doubts));
        Assert.False(Believability.IsBelievable(["blind_attack", "zero_gradients"]));
    }

    private static Observation Saw(AttackEvidence evidence) =>
        Sound with { Evidence = evidence };
}
