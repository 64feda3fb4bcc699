using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Checks;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using QSim.Simulator.Networks;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Checks;

public class BelievabilityTests
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
        Budget = new(Norm.Linf, new(0.1)),
        Standing = 500,
        Images = 1000,
        Evidence = Seen,
    };

    public static TheoryData<string, Observation[]> Suspicious =>
        new()
        {
            {
                "weak_iterations",
                [Sound, Sound with { Attack = "fgsm", Standing = 497, Evidence = OneStep }]
            },
            {
                "rising_accuracy",
                [Sound, Sound with { Budget = new(Norm.Linf, new(0.2)), Standing = 503 }]
            },
            {
                "strong_black_box",
                [
                    Sound,
                    Sound with
                    {
                        Attack = "square",
                        Threat = ThreatModel.Score,
                        Standing = 497,
                        Evidence = Scores,
                    },
                ]
            },
            {
                "weaker_than_transfer",
                [
                    Sound,
                    Sound with
                    {
                        Threat = ThreatModel.Transfer, Source = "float", Standing = 497,
                    },
                ]
            },
            {
                "too_few_classes", [Saw(Seen with { LeastClasses = 4, Classes = 3 })]
            },
            { "not_attacked", [Sound with { Budget = new(Norm.Linf, new(0)) }] },
            { "zero_gradients", [Saw(Seen with { WithoutGradient = 11 })] },
            {
                "unbounded_not_zero",
                [Sound with { Budget = new(Norm.Linf, new(1)), Standing = 1 }]
            },
            {
                "unbounded_not_zero",
                [Sound with { Budget = new(Norm.L2, Epsilon.Unbounded), Standing = 1 }]
            },
            { "restarts_still_help", [Saw(Seen with { Attempts = 5, BrokenByLastAttempt = 6 })] },
            { "not_deterministic", [Saw(Seen with { Undecided = 1 })] },
            { "steps_still_help", [Saw(Seen with { BrokenLate = 11 })] },
            { "only_weak_attacks", [Sound with { Attack = "fgsm", Evidence = OneStep }] },
            { "only_weak_attacks", [Sound with { Attack = "noise", Evidence = Labels }] },
            {
                "unbounded_not_zero",
                [Sound with { Budget = new(Norm.L2, new(8)), ImageLength = 64, Standing = 1 }]
            },
            {
                "unbounded_not_zero",
                [Sound with { Budget = new(Norm.L1, new(64)), ImageLength = 64, Standing = 1 }]
            },
        };

    public static TheoryData<Observation[]> Unsuspicious =>
        new()
        {
            { [Sound, Sound with { Attack = "fgsm", Standing = 498, Evidence = OneStep }] },
            { [Sound, Sound with { Budget = new(Norm.Linf, new(0.2)), Standing = 502 }] },
            { [Sound, Carried("pgd-40", 498)] },
            // Float and hardware alike meet it: the float network is where it was made.
            {
                [
                    Sound with { Target = "float" },
                    Carried("pgd-40", 400) with { Target = "float" },
                ]
            },
            { [Saw(Seen with { LeastClasses = 4, Classes = 4 })] },
            // Another attack has gradients and leaves no more: that one sets the figure.
            { [Saw(Seen with { WithoutGradient = 300 }), Sound with { Attack = "apgd-dlr" }] },
            {
                [
                    Sound,
                    Sound with
                    {
                        Attack = "square",
                        Threat = ThreatModel.Score,
                        Standing = 498,
                        Evidence = Scores,
                    },
                ]
            },
            {
                [
                    Sound,
                    Sound with
                    {
                        Target = "other",
                        Standing = 3,
                        Budget = new(Norm.Linf, new(0.05)),
                    },
                ]
            },
            { [Saw(Seen with { WithoutGradient = 10, BrokenByLastAttempt = 5, Attempts = 2 })] },
            { [Sound with { Budget = new(Norm.Linf, new(1)), Standing = 0 }] },
            { [Sound with { Budget = new(Norm.L2, new(1)), Standing = 9 }] },
            { [Sound with { Budget = new(Norm.L2, new(7.9)), ImageLength = 64, Standing = 9 }] },
            { [Saw(Seen with { BrokenLate = 10 })] },
            // What sets the figure is the attack that leaves least; the others need not be at their
            // end.
            {
                [
                    Sound with
                    {
                        Evidence = Seen with
                        {
                            BrokenLate = 200, BrokenByLastAttempt = 90, Attempts = 2,
                        },
                    },
                    Sound with
                    {
                        Attack = "apgd-ce",
                        Standing = 499,
                    },
                ]
            },
            // Iterations that fit their source carry over less well.
            { [Carried("pgd-40", 500), Carried("fgsm", 400) with { Evidence = OneStep }] },
        };

    private static Observation Carried(string attack, int standing) =>
        Sound with
        {
            Attack = attack,
            Threat = ThreatModel.Transfer,
            Source = "float",
            Standing = standing,
        };

    [Theory]
    [MemberData(nameof(Suspicious))]
    public void Examine_SignOfMasking_RaisesTheDoubt(string check, Observation[] observations)
    {
        IReadOnlyList<Doubt> doubts = Believability.Examine(observations);
        Assert.Equal([check], doubts.Select(d => d.Check));
        Assert.StartsWith("not believable", Believability.Verdict(doubts));
    }

    [Theory]
    [MemberData(nameof(Unsuspicious))]
    public void Examine_NoSign_IsBelievable(Observation[] observations)
    {
        Assert.Empty(Believability.Examine(observations));
        Assert.StartsWith("believable", Believability.Verdict([]));
    }

    [Fact]
    public void Examine_MaskedGradients_AreFlagged()
    {
        // A linear model with its logits times 10,000: cross-entropy's gradient is exactly zero in
        // float32.
        float[] weight = [.. Enumerable.Range(0, 24).Select(i => i < 12 ? 10_000f : -10_000f)];
        FloatNetwork network = Fixtures.Linear(weight, [0, 119_000]);
        float[] pixels = [.. Enumerable.Range(0, 20 * 12).Select(i => 0.55f + (0.001f * (i % 7)))];
        var images = new LabelledImages(network.Input, pixels, new int[20]);
        using var model = new ManagedGradientModel(network, 1);
        var masked = new FloatClassifier(model, "masked");
        var naive = new ProjectedGradient(
            "naive-pgd", 20, 0.125, StartPoint.Image, loss: CrossEntropyLoss.Instance);
        Budget budget = new(Norm.Linf, new(0.2));
        RobustnessResult white = Robustness.Run(
            naive, AttackTarget.WhiteBox(masked), images, budget);
        RobustnessResult black = Robustness.Run(
            new SquareAttack(200), AttackTarget.Score(masked), images, budget);
        Assert.Equal(20, white.Judges[0].RobustRight);
        Assert.Equal(0, black.Judges[0].RobustRight);
        string[] checks = [.. Believability
            .Examine([.. Observation.Of(white), .. Observation.Of(black)]).Select(d => d.Check)];
        Assert.Contains("zero_gradients", checks);
        Assert.Contains("strong_black_box", checks);

        // PGD is what its paper says and is masked as well; what is made for it is not.
        RobustnessResult plain = Robustness.Run(
            ProjectedGradient.Pgd(), AttackTarget.WhiteBox(masked), images, budget);
        Assert.Equal(20, plain.Judges[0].RobustRight);
        foreach (IAttack made in new IAttack[] { AutoPgd.Scaled(20), AutoPgd.Margin(20) })
        {
            RobustnessResult own = Robustness.Run(
                made, AttackTarget.WhiteBox(masked), images, budget);
            Assert.Equal(0, own.Judges[0].RobustRight);
            Assert.Equal(
                [(Believability.BlindAttack, "pgd-40")],
                Believability.Examine([.. Observation.Of(own), .. Observation.Of(plain)])
                    .Select(d => (d.Check, d.About.Attack)));
        }
    }

    [Fact]
    public void Examine_DeadRelu_NamesTheLayer()
    {
        // No input in [0, 1] wakes the first layer's units: the gradient of every image dies in the
        // ReLU behind them.
        FloatNetwork network = new NetworkBuilder("dead", new(4))
            .Dense(6)
            .Relu()
            .Dense(5)
            .Relu()
            .Dense(2)
            .Build();
        foreach (float[] parameter in network.Layers.SelectMany(l => l.Parameters))
            Array.Fill(parameter, 0.5f);
        Array.Fill(network.Layers[0].Parameters[1], -10);
        network.Layers[4].Parameters[0][0] = 0.75f;
        network.Layers[4].Parameters[1][0] = 1;
        AttackEvidence seen = Attack(network);
        Assert.Equal(
            (8, network.Layers[1].Name, 8),
            (seen.WithoutGradient, seen.DiesIn, seen.DiesInCount));
        Doubt doubt = Believability.Examine([Saw(seen) with { Target = "net", Images = 8 }])
            .First(d => d.Check == "zero_gradients");
        Assert.EndsWith(
            $"8 of 8 images have no gradient at all; of 8 it dies in {network.Layers[1].Name}",
            doubt.Message);
        Assert.Contains("net", Believability.Verdict([doubt]));

        // Awake, nothing dies.
        Array.Fill(network.Layers[0].Parameters[1], 0);
        seen = Attack(network);
        Assert.Equal((0, null), (seen.WithoutGradient, seen.DiesIn));
    }

    [Fact]
    public void Examine_SaturatedLoss_SaysThatTheLogitsHaveNone()
    {
        FloatNetwork network = Fixtures.Linear([10_000, 10_000, -10_000, -10_000], [0, 0]);
        var naive = new ProjectedGradient(
            "naive", 3, 0.1, StartPoint.Image, loss: CrossEntropyLoss.Instance);
        AttackEvidence seen = Attack(network, naive);
        Assert.Equal((8, "loss"), (seen.WithoutGradient, seen.DiesIn));
    }

    private static AttackEvidence Attack(FloatNetwork network, IAttack? attack = null)
    {
        float[] pixels =
        [
            .. Enumerable.Range(0, 8 * network.Input.Length).Select(i => 0.4f + (0.01f * (i % 11))),
        ];
        using var model = new ManagedGradientModel(network, 1);
        var images = new LabelledImages(network.Input, pixels, new int[8]);
        return Observation
            .Of(
                Robustness.Run(
                    attack ?? AutoPgd.CrossEntropy(5),
                    AttackTarget.WhiteBox(new FloatClassifier(model, "net")), images,
                    new(Norm.Linf, new(0.05)))
            )
            .Single()
            .Evidence;
    }

    private static Observation Saw(AttackEvidence evidence) =>
        Sound with { Evidence = evidence };
}
