using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using QSim.Simulator.Networks;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// A network into which a pattern was planted: <c>z1 = 4 relu(p . x - b) + noise</c> against <c>z0
/// = 1</c>. Every image has an adversarial one, further along p, and every attack has to find it.
/// </summary>
public class PlantedNetworkTests
{
    private const int Pixels = 36;
    private const int Count = 20;

    public static TheoryData<string, Norm> Attacks
    {
        get
        {
            // One step under L1 moves one pixel, and the catalogue's 10 sparse steps leave 3 of 20
            // images.
            string[] fewL1Steps = ["fgsm", "pgd-10"];
            TheoryData<string, Norm> data = [];
            foreach (object[] row in AttackCatalogue.NamesAndNorms)
                if (!AttackCatalogue.IsBlind((string)row[0])
                    && !((Norm)row[1] == Norm.L1 && fewL1Steps.Contains((string)row[0])))
                    data.Add((string)row[0], (Norm)row[1]);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_AdversarialImagesArePlanted_FindsEveryOne(string attack, Norm norm)
    {
        (FloatNetwork network, float[] pattern, LabelledImages images) = Plant();
        using var model = new ManagedGradientModel(network, 1);
        var source = new FloatClassifier(model);
        double epsilon = norm switch { Norm.Linf => 0.15, Norm.L2 => 0.9, _ => 5 };
        Assert.Equal(images.Labels, Robustness.Classify(source, images));

        // There is one for each: as far along the pattern as the budget reaches.
        Budget budget = new(norm, new(epsilon));
        float[] planted = [.. images.Pixels];
        for (int i = 0; i < Count; i++)
        {
            Span<float> image = planted.AsSpan(i * Pixels, Pixels);
            Ascent.Step(norm, pattern, epsilon, image);
            budget.Constrain(images.Image(i), image);
        }

        if (norm != Norm.L1)
            Assert.All(Robustness.Classify(source, images, planted), c => Assert.Equal(1, c));
        AttackTarget target = AttackTarget.WhiteBox(source);
        RobustnessResult result = Robustness.Run(
            AttackCatalogue.Get(attack), target, images, budget);
        Assert.Equal(0, result.Judges[0].RobustRight);
    }

    /// <summary>
    /// What an attacker of hardware was given before, without a word: cross-entropy of logits over
    /// their gap. Here one rival is near and eight far ones pull the other way; scaled down they
    /// outweigh it.
    /// </summary>
    [Fact]
    public void Run_ManyFarRivalsPullTheOtherWay_PlainCrossEntropyFindsTheNearOne()
    {
        const int Rivals = 9;
        float[] weight = new float[(Rivals + 1) * Pixels], bias = new float[Rivals + 1];
        for (int i = 0; i < Pixels; i++)
        {
            weight[Pixels + i] = 1;
            for (int k = 2; k <= Rivals; k++) weight[(k * Pixels) + i] = -1;
        }

        // At pixels of 0.5: the near rival is 3 behind, the others 9.
        bias[1] = (-0.5f * Pixels) - 3;
        for (int k = 2; k <= Rivals; k++) bias[k] = (0.5f * Pixels) - 9;
        FloatNetwork network = Fixtures.Linear(weight, bias);
        float[] pixels = [.. Enumerable.Repeat(0.5f, Count * Pixels)];
        var images = new LabelledImages(network.Input, pixels, new int[Count]);
        using var model = new ManagedGradientModel(network, 1);
        AttackTarget target = AttackTarget.WhiteBox(new FloatClassifier(model));
        int Standing(IAttack attack) => Robustness.Run(
            attack, target, images, new(Norm.Linf, new(0.1))).Judges[0].RobustRight;
        Assert.Equal(0, Standing(ProjectedGradient.Fgsm()));
        Assert.Equal(0, Standing(ProjectedGradient.Pgd()));
        Assert.Equal(0, Standing(AutoPgd.CrossEntropy()));
        Assert.Equal(0, Standing(Ensemble.Standard()));
        Assert.Equal(Count, Standing(new ProjectedGradient(
            "scaled", 1, 1, StartPoint.Image, loss: RescaledCrossEntropyLoss.Instance)));
    }

    private static (FloatNetwork Network, float[] Pattern, LabelledImages Images) Plant()
    {
        var random = new KeyedRandom(12, RandomPurpose.AttackStart, 0);
        float[] pattern = new float[Pixels], pixels = new float[Count * Pixels];
        for (int i = 0; i < Pixels; i++) pattern[i] = (random.NextBits() & 1) == 0 ? 1 : -1;
        for (int i = 0; i < pixels.Length; i++) pixels[i] = random.NextFloat(0.4f, 0.6f);
        var images = new LabelledImages(new(1, 6, 6), pixels, new int[Count]);
        double[] along =
        [
            .. Enumerable.Range(0, Count).Select(i => Along(pattern, images.Image(i))),
        ];

        FloatNetwork network = new NetworkBuilder("planted", images.Shape)
            .Flatten()
            .Dense(4)
            .Relu()
            .Dense(3)
            .Build();
        FloatLayer hidden = network.Layers[1],
            last = network.Layers[3];
        for (int i = 0; i < Pixels; i++)
        {
            hidden.Parameters[0][i] = pattern[i];
            for (int unit = 1; unit < 4; unit++)
                hidden.Parameters[0][(unit * Pixels) + i] = random.NextFloat(-0.1f, 0.1f);
        }

        // The pattern's unit is awake in every image's budget, so that its gradient shows, and too
        // weak in each image.
        const double Awake = 5.5;
        hidden.Parameters[1][0] = (float)(Awake - along.Min());
        double highest = along.Max() - along.Min() + Awake;
        last.Parameters[0][4] = 4;
        for (int unit = 1; unit < 4; unit++)
            last.Parameters[0][unit + 4] = random.NextFloat(-0.05f, 0.05f);
        last.Parameters[1][0] = (float)((4 * highest) + 0.3);
        last.Parameters[1][2] = -50;
        return (network, pattern, images);
    }

    private static double Along(float[] pattern, ReadOnlySpan<float> image)
    {
        double sum = 0;
        for (int i = 0; i < pattern.Length; i++) sum += pattern[i] * image[i];
        return sum;
    }
}
