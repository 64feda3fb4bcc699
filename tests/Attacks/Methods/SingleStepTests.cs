using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Methods;

/// <summary>R-FGSM, MI-FGSM, targets and expectations against what their papers write.</summary>
public sealed class SingleStepTests : IDisposable
{
    private const float Epsilon = 0.125f;
    private static readonly LabelledImages Images = Fixtures.Bars.Images;
    private readonly ManagedGradientModel _model = new(Fixtures.Bars.Network, 1);

    public void Dispose() => _model.Dispose();

    /// <summary>Half of epsilon at random, the other half along the gradient there.</summary>
    [Fact]
    public void RFgsm_EveryPixel_GoesHalfAtRandomAndHalfAlongTheGradient()
    {
        float[] changed = Attack(ProjectedGradient.RFgsm(), Images);
        int undone = 0, whole = 0;
        for (int i = 0; i < changed.Length; i++)
        {
            float image = Images.Pixels[i], change = Math.Abs(changed[i] - image);
            if (image is < Epsilon or > 1 - Epsilon) continue;
            Assert.True(change < 1e-6 || Math.Abs(change - Epsilon) < 1e-6, $"{i}: {change}");
            if (change < 1e-6) undone++;
            else whole++;
        }

        Assert.InRange((double)undone / (undone + whole), 0.4, 0.6);
    }

    /// <summary>
    /// <c>m = m + g / |g|_1</c>, <c>x = x + epsilon / 10 * sign(m)</c>, ten times.
    /// </summary>
    [Fact]
    public void MiFgsm_TenSteps_FollowTheGatheredGradient()
    {
        float[] x = [.. Images.Pixels], momentum = new float[x.Length], plain = [.. x];
        int length = Images.Shape.Length;
        Budget budget = new(Norm.Linf, new(Epsilon));
        for (int step = 0; step < 10; step++)
        {
            float[] g = Gradients(x), own = Gradients(plain);
            for (int i = 0; i < x.Length; i++)
            {
                double sum = 0;
                int first = i / length * length;
                for (int j = first; j < first + length; j++) sum += Math.Abs(g[j]);
                momentum[i] += sum > 0 ? (float)(g[i] / sum) : 0;
                x[i] += Epsilon / 10 * Math.Sign(momentum[i]);
                plain[i] += Epsilon / 10 * Math.Sign(own[i]);
            }

            budget.Constrain(Images.Pixels, x);
            budget.Constrain(Images.Pixels, plain);
        }

        float[] ours = Attack(ProjectedGradient.MiFgsm(), Images);
        Assert.All(ours.Zip(x), p => Assert.Equal(p.Second, p.First, 1e-6f));
        Assert.True(
            x.Zip(plain).Count(p => Math.Abs(p.First - p.Second) > 1e-3) > 20,
            "what is gathered makes no difference here");
    }

    [Theory]
    [InlineData(3, 2, 2)]
    [InlineData(10, 9, 5)]
    [InlineData(100, 9, 5)]
    public void TargetedDlr_Attempts_AreTheLikeliestWrongClasses(int classes, int targets, int l1)
    {
        Assert.Equal(targets, AutoPgd.TargetedDlr().Attempts(classes));
        Assert.Equal(targets, new FastAdaptiveBoundary().Attempts(classes));
        Assert.Equal(1 + targets + targets + 1, AutoAttack.Standard().Attempts(classes));
        Assert.Equal(5 + l1 + targets + 1, AutoAttack.Standard(Norm.L1).Attempts(classes));
    }

    /// <summary>Logits that depend on the draw: the image index, as hardware's do.</summary>
    [Fact]
    public void Expectation_Draws_AreAveragedAndCounted()
    {
        var noisy = new Noisy(new FloatClassifier(_model));
        var mean = new ExpectationClassifier(noisy, 4);
        float[] clean = new float[3], averaged = new float[3];
        int[] classes = new int[1];
        new FloatClassifier(_model).Classify(Images.Image(0), [0], clean, classes);
        mean.Classify(Images.Image(0), [5], averaged, classes);

        // Draws 1 to 4 add 1 to 4.
        for (int j = 0; j < 3; j++) Assert.Equal(clean[j] + 2.5f, averaged[j], 1e-4f);
        RobustnessResult result = Robustness.Run(
            ProjectedGradient.Fgsm(), AttackTarget.InExpectation(noisy, 4), Images,
            new(Norm.Linf, new(0.001)));
        Assert.All(
            result.Images.Where(i => i.WasAttacked),
            i => Assert.Equal((4, 8), ((int)i.GradientQueries, (int)i.Queries)));
    }

    private float[] Attack(IAttack attack, LabelledImages images)
    {
        var source = new FloatClassifier(_model);
        return Robustness.Run(
            attack, AttackTarget.Transfer(source, new Right(source)), images,
            new(Norm.Linf, new(Epsilon))).Adversarial;
    }

    private float[] Gradients(float[] images)
    {
        float[] gradients = new float[images.Length];
        _model.Gradients(
            images, Images.Labels, CrossEntropyLoss.Instance, gradients,
            new float[Images.Count], new float[Images.Count * 3]);
        return gradients;
    }

    /// <summary>Judges every image right, so that all are attacked.</summary>
    private sealed class Right(IClassifier like) : IClassifier
    {
        public string Name => "right";

        public QSim.Kernels.Datapath.TensorShape Input => like.Input;

        public int Classes => like.Classes;

        public void Classify(
            ReadOnlySpan<float> images, ReadOnlySpan<long> indices, Span<float> logits,
            Span<int> classes)
        {
            for (int i = 0; i < indices.Length; i++) classes[i] = Images.Labels[indices[i]];
        }
    }

    private sealed class Noisy(IDifferentiableClassifier like) : IDifferentiableClassifier
    {
        public string Name => "noisy";

        public QSim.Kernels.Datapath.TensorShape Input => like.Input;

        public int Classes => like.Classes;

        public void Classify(
            ReadOnlySpan<float> images, ReadOnlySpan<long> indices, Span<float> logits,
            Span<int> classes)
        {
            like.Classify(images, indices, logits, classes);
            for (int i = 0; i < logits.Length; i++) logits[i] += indices[i / 3] >> 24;
        }

        public void Differentiate(
            ReadOnlySpan<float> images, ReadOnlySpan<long> indices, ReadOnlySpan<int> labels,
            QSim.Attacks.Gradients.ILoss loss, GradientResults results) =>
            like.Differentiate(images, indices, labels, loss, results);
    }
}
