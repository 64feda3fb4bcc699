using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Tests.Evaluation;
using QSim.Simulator.Networks;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Methods;

/// <summary>What holds for every attack.</summary>
public sealed class AttackPropertyTests : IDisposable
{
    /// <summary>
    /// What several properties look at, each attack with its usual budget: the same bits each time
    /// (<see cref="Run_AnyBatchOrShard_GivesTheSameBytes"/>), so made once.
    /// </summary>
    private static readonly Dictionary<(string, Norm, bool), RobustnessResult> Usual = [];

    private readonly LabelledImages _images = Fixtures.Bars.Images;
    private readonly ManagedGradientModel _model = new(Fixtures.Bars.Network, 2);

    public static TheoryData<string, Norm> Attacks => AttackCatalogue.NamesAndNorms;

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Catalogue_HasEveryAttackThereIs() => Assert.Equal(
        AttackRegistry.All(Norm.Linf).Select(a => AttackRegistry.Family(a.Name)).Order(),
        Attacks.Select(row => AttackRegistry.Family((string)row[0])).Distinct().Order());

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_EpsilonZero_ChangesNothing(string attack, Norm norm) =>
        Assert.Equal(_images.Pixels, Run(attack, new(norm, new(0)), Transfer()).Adversarial);

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_AnyEpsilon_StaysInBudget(string attack, Norm norm)
    {
        Budget usual = new(norm, new(TypicalEpsilon(norm)));
        Budget small = new(norm, new(0.01 * TypicalEpsilon(norm)));
        foreach (bool isTransfer in new[] { true, false })
        {
            AssertWithin(usual, RunUsual(attack, norm, isTransfer));
            AssertWithin(small, Run(attack, small, isTransfer ? Transfer() : WhiteBox()));
        }
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_AnyBatchOrShard_GivesTheSameBytes(string attack, Norm norm)
    {
        Budget budget = new(norm, new(TypicalEpsilon(norm)));
        foreach (bool isTransfer in new[] { true, false })
        {
            AttackTarget target = isTransfer ? Transfer() : WhiteBox();
            float[] expected = RunUsual(attack, norm, isTransfer).Adversarial;
            Assert.Equal(
                expected, Run(attack, budget, target, new() { BatchSize = 11 }).Adversarial);
            float[] shard = Robustness
                .Run(AttackCatalogue.Get(attack), target, _images.Slice(13, 9), budget)
                .Adversarial;
            Assert.Equal(expected[(13 * 36)..(22 * 36)], shard);
        }
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_PixelGrid_HandsInWholeLevels(string attack, Norm norm)
    {
        float[] levels = [.. _images.Pixels.Select(p => MathF.Round(p * 255) / 255)];
        Budget budget = new(norm, new(TypicalEpsilon(norm))) { PixelLevels = 255 };
        RobustnessResult result = Robustness.Run(
            AttackCatalogue.Get(attack), WhiteBox(), _images with { Pixels = levels }, budget);
        Assert.All(result.Adversarial, p => Assert.Equal((float)(Math.Round(p * 255.0) / 255), p));
        for (int i = 0; i < _images.Count; i++)
            if (result.Images[i].WasAttacked)
                Assert.Equal(
                    result.Images[i].FooledSource,
                    result.Judges[0].AdversarialClasses[i] != _images.Labels[i]);
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_Outcome_IsWhatTheClassifierSays(string attack, Norm norm)
    {
        RobustnessResult result = RunUsual(attack, norm, isTransfer: false);
        for (int i = 0; i < _images.Count; i++)
        {
            ImageOutcome image = result.Images[i];
            if (image.WasAttacked)
                Assert.Equal(
                    image.FooledSource,
                    result.Judges[0].AdversarialClasses[i] != _images.Labels[i]);
            Assert.Equal(image.WasAttacked, image.Queries > 0);
            Assert.True(image.GradientQueries <= image.Queries);
        }
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_Unbounded_BreaksEverythingWhenItSeeksTheSmallestChange(string attack, Norm norm)
    {
        if (!AttackCatalogue.Get(attack).IsMinimalNorm) return;
        RobustnessResult result = Run(attack, new(norm, Epsilon.Unbounded), WhiteBox());
        Assert.Equal(0, result.Judges[0].RobustRight);
        Assert.InRange(
            result.DistanceQuantile(0.5), 0.1 * TypicalEpsilon(norm), 2 * TypicalEpsilon(norm));
        Assert.True(result.DistanceQuantile(0.25) <= result.DistanceQuantile(0.5));
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_LargeBudget_BreaksMoreThanNoise(string attack, Norm norm)
    {
        // One step under L1 moves a single pixel, which may be no more than noise does.
        if (AttackCatalogue.IsBlind(attack) || (attack == "fgsm" && norm == Norm.L1)) return;
        Assert.True(
            RunUsual(attack, norm, isTransfer: false).Judges[0].RobustRight
            < RunUsual("noise", norm, isTransfer: false).Judges[0].RobustRight - 10);
    }

    /// <summary>Of numbers too large for float: logits and gradients are infinite.</summary>
    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_LogitsThatAreNotNumbers_EndsAndStaysInBudget(string attack, Norm norm)
    {
        FloatNetwork huge = new NetworkBuilder("huge", new(1, 6, 6))
            .Conv(6, 3, padding: 1).Relu().MaxPool(2).Flatten().Dense(3).Build();
        foreach ((FloatLayer from, FloatLayer to) in Fixtures.Bars.Network.Layers.Zip(huge.Layers))
            foreach ((float[] values, float[] scaled) in from.Parameters.Zip(to.Parameters))
                for (int i = 0; i < values.Length; i++) scaled[i] = values[i] * 1e30f;
        using var model = new ManagedGradientModel(huge, 2);
        var logits = new float[_images.Count * 3];
        model.Logits(_images.Pixels, _images.Count, logits);
        Assert.Contains(logits, z => !float.IsFinite(z));
        Budget budget = new(norm, new(TypicalEpsilon(norm)));

        AssertWithin(
            budget, Run(attack, budget, AttackTarget.WhiteBox(new FloatClassifier(model))));
    }

    private void AssertWithin(Budget budget, RobustnessResult result)
    {
        for (int i = 0; i < _images.Count; i++)
            Assert.True(
                budget.Contains(_images.Image(i), result.Adversarial.AsSpan(i * 36, 36)),
                $"image {i}");
    }

    private static double TypicalEpsilon(Norm norm) =>
        norm switch
        {
            Norm.Linf => 0.2,
            Norm.L2 => 0.9,
            _ => 5,
        };

    private AttackTarget WhiteBox() => AttackTarget.WhiteBox(new FloatClassifier(_model));

    private AttackTarget Transfer()
    {
        var source = new FloatClassifier(_model);
        return AttackTarget.Transfer(source, source);
    }

    private RobustnessResult RunUsual(string attack, Norm norm, bool isTransfer)
    {
        if (!Usual.TryGetValue((attack, norm, isTransfer), out RobustnessResult? result))
        {
            result = Run(
                attack, new(norm, new(TypicalEpsilon(norm))),
                isTransfer ? Transfer() : WhiteBox());
            Usual.Add((attack, norm, isTransfer), result);
        }

        return result;
    }

    private RobustnessResult Run(
        string attack, Budget budget, AttackTarget target, AttackOptions? options = null) =>
        Robustness.Run(AttackCatalogue.Get(attack), target, _images, budget, options);
}
