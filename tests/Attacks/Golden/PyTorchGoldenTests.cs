using System.Text.Json;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using QSim.Simulator.Networks;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Golden;

/// <summary>The same network, images and start in PyTorch 1.13 on the CPU.</summary>
public class PyTorchGoldenTests
{
    private const double EpsilonValue = 0.1;
    private const int Steps = 50;
    private static readonly FloatNetwork Network = Fixtures.Bars.Network;
    private static readonly LabelledImages Images = Fixtures.Bars.Images;
    private static readonly Lazy<Reference> Shared = new(Ask);

    [SkippableFact]
    public void Gradients_PyTorch_AgreeWithinAHundredThousandth()
    {
        Reference reference = Get();
        AssertClose(reference.Theirs("logits"), reference.Logits);
        AssertClose(reference.Theirs("gradients"), reference.Gradients);
    }

    [SkippableFact]
    public void Fgsm_PyTorch_IsTheSameImage()
    {
        Reference reference = Get();
        float[] theirs = [.. reference.Theirs("fgsm").Select(v => (float)v)];
        using var model = new ManagedGradientModel(Network, 1);
        var source = new FloatClassifier(model);
        float[] ours = Robustness
            .Run(
                ProjectedGradient.Fgsm(), AttackTarget.Transfer(source, source), Images,
                reference.Budget)
            .Adversarial;
        double[] gradients = reference.Theirs("gradients");
        for (int i = 0; i < ours.Length; i++)
        {
            // Theirs may be past epsilon by the rounding of one addition, ours never is; a gradient
            // of zero has no sign.
            float[] theirPixel = [theirs[i]];
            reference.Budget.Constrain(Images.Pixels.AsSpan(i, 1), theirPixel);
            if (gradients[i] != 0)
                Assert.Equal(theirPixel[0], ours[i]);
        }
    }

    [SkippableFact]
    public void AutoPgd_PyTorch_HalvesTheStepAtTheSameCheckpoints()
    {
        Reference reference = Get();
        Assert.True(reference.Trace.Count > 0.9 * Images.Count * Steps);
        Assert.True(reference.Trace.Values.Distinct().Count() > 3, "no step was ever halved");
        JsonElement[] steps = [.. reference.Result.GetProperty("trace").EnumerateArray()];
        for (int step = 0; step < Steps; step++)
        {
            double[] theirs = [.. steps[step].EnumerateArray().Select(v => v.GetDouble())];
            foreach (
                int image in reference.Trace.Keys.Where(k => k.Step == step).Select(k => k.Image))
                Assert.Equal(theirs[image], reference.Trace[(image, step)]);
        }
    }

    private static Reference Get()
    {
        Skip.IfNot(
            PyTorch.IsPresent, "no Python with PyTorch 1.13 (Debian: apt install python3-torch)");
        return Shared.Value;
    }

    private static Reference Ask()
    {
        Budget budget = new(Norm.Linf, new(EpsilonValue));
        using var model = new ManagedGradientModel(Network, 1);
        float[] gradients = new float[Images.Pixels.Length],
            logits = new float[Images.Count * Network.Classes];
        model.Gradients(
            Images.Pixels, Images.Labels, CrossEntropyLoss.Instance, gradients,
            new float[Images.Count], logits);
        Dictionary<(int, int), double> trace = [];
        float[] start = new float[Images.Pixels.Length];
        AutoPgd attack = AutoPgd.CrossEntropy(Steps);
        attack.Trace = (slot, step, size, from) =>
        {
            trace[(slot, step)] = size;
            if (step == 0)
                from.CopyTo(start.AsSpan(slot * 36));
        };
        var source = new FloatClassifier(model);
        Robustness.Run(attack, AttackTarget.Transfer(source, source), Images, budget);
        JsonElement result = PyTorch.Run(
            new
            {
                layers = Network.Layers.Select(Describe),
                shape = new[] { Images.Count, 1, 6, 6 },
                images = Images.Pixels,
                labels = Images.Labels,
                epsilon = EpsilonValue,
                start,
                steps = Steps,
                checkpoints = attack.Checkpoints,
            }
        );
        return new(budget, logits, gradients, trace, result);
    }

    private static object Describe(FloatLayer layer) =>
        layer switch
        {
            Conv2dLayer conv => new
            {
                kind = "conv2d",
                weight = conv.Weight,
                bias = conv.Bias,
                shape = new[]
                {
                    conv.OutputChannels,
                    1,
                    conv.Geometry.KernelRows,
                    conv.Geometry.KernelColumns,
                },
                padding = conv.Geometry.PadTop,
            },
            DenseLayer dense => new
            {
                kind = "dense",
                weight = dense.Weight,
                bias = dense.Bias,
                shape = new[] { dense.OutputFeatures, dense.Weight.Length / dense.OutputFeatures },
            },
            MaxPool2dLayer pool => new { kind = "max_pool2d", kernel = pool.Geometry.KernelRows },
            _ => new { kind = layer.Kind },
        };

    private static void AssertClose(double[] expected, float[] actual)
    {
        double scale = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= 1e-5 * scale,
                $"[{i}]: {actual[i]}, not {expected[i]}");
    }

    private sealed record Reference(
        Budget Budget, float[] Logits, float[] Gradients,
        Dictionary<(int Image, int Step), double> Trace, JsonElement Result)
    {
        public double[] Theirs(string name) =>
            [.. Result.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];
    }
}
