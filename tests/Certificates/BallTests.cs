using QSim.Certificates.Bounds;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Quantization;
using Xunit.Abstractions;

namespace QSim.Certificates.Tests;

/// <summary>Budgets under L2 and L1: bounds hold for every image that was tried.</summary>
public class BallTests(ITestOutputHelper output)
{
    private const int Images = 300;

    /// <summary>A linear form never exceeds its bound, and often that of half the budget.</summary>
    [Theory]
    [InlineData(1, null)]
    [InlineData(2, null)]
    [InlineData(1, 15)]
    [InlineData(2, 255)]
    public void Most_IsNeverExceeded_AndOftenNearlyReached(int power, int? levels)
    {
        int near = 0, overHalf = 0;
        for (int seed = 1; seed <= Images; seed++)
        {
            var choose = new Choices(seed);
            var stage = new InputStage(
                new(new(6), choose.Of(3, 6, 8), false, 1.0 / choose.Of(7, 63, 255)),
                choose.Of(RoundingMode.NearestTiesToEven, RoundingMode.TowardZero),
                OverflowMode.Saturate);
            float[] image = Image(choose, 6, levels);
            double epsilon = choose.Of(0.02, 0.1, 0.4, 1.0);
            var box = new InputBox(stage, levels);
            InputBall ball = box.Ball(image, epsilon, power), half = box.Ball(
                image, epsilon / 2, power);
            double[] form = [.. Enumerable.Range(0, 6).Select(_ => choose.Real(-5, 5))];
            var convert = new InputConverter(stage);
            double most = ball.Most(form), best = 0;
            foreach (float[] other in Others(choose, image, form, epsilon, power, levels))
                best = Math.Max(best, Enumerable.Range(0, 6).Sum(
                    i => form[i] * (convert.Quantize(other[i], i) - ball.Centre[i])));
            Assert.True(best <= most, $"seed {seed}: {best} of {most}");
            if (best > 0.6 * most) near++;
            if (best > half.Most(form)) overHalf++;
        }

        output.WriteLine($"{near} of {Images} nearly reached, {overHalf} over half's");
        Assert.True(near > Images / 4, $"{near}");
        Assert.True(overHalf > Images / 4, $"{overHalf}");
    }

    /// <summary>Networks: no image that was tried breaks what is proved.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Proved_IsNeverBroken(int power)
    {
        int proved = 0, broken = 0, boxes = 0;
        for (int seed = 1; seed <= Images; seed++)
        {
            var choose = new Choices(seed);
            QuantizedProgram program = TinyNetworks.Dense(seed);
            TensorType type = program.Input.Type;
            type = type with { Scale = 1.0 / type.MaxRaw };
            program = program with
            {
                Input = program.Input with { Type = type },
                Layers = program.Layers.SetItem(
                    0, (MacLayer)program.Layers[0] with { Input = type }),
            };
            int length = type.Shape.Length;
            float[] image = Image(choose, length, null);
            double epsilon = choose.Of(0.05, 0.2, 0.5);
            using IProgramRunner runner = new ReferenceBackend().Load(program);
            var convert = new InputConverter(program.Input);
            int label = Class(image);
            var box = new InputBox(program.Input);
            TensorBox around = box.Around(image, InputBall.Widened(epsilon));
            var certifier = new LinearCertifier(new ProgramBounds(program));
            bool isProved = certifier.Certify(
                around, label, box.Ball(image, epsilon, power)).IsProved;
            bool isOfBox = certifier.Certify(around, label).IsProved;
            // Tighter arguments may choose other lines, so that once in a while a box does better.
            if (isProved) proved++;
            if (isOfBox) boxes++;
            double[] form = [.. Enumerable.Range(0, length).Select(_ => choose.Real(-5, 5))];
            bool isBroken = Others(choose, image, form, epsilon, power, null)
                .Any(other => Class(other) != label);
            if (isBroken) broken++;
            Assert.False(isProved && isBroken, $"seed {seed} is proved, and broken");

            int Class(float[] pixels) => Simulation.ArgMax(runner.Run(
                [.. pixels.Select((p, i) => convert.Quantize(p, i))], 1,
                RunOptions.Default).Outputs);
        }

        output.WriteLine($"{proved} proved, {boxes} by boxes, {broken} broken of {Images}");
        Assert.True(proved > boxes && broken > 10, $"{proved}, {boxes}, {broken}");
    }

    private static float[] Image(Choices choose, int length, int? levels) =>
    [
        .. Enumerable.Range(0, length).Select(_ => levels is { } n
            ? choose.Between(0, n) / (float)n
            : choose.Chance(0.5) ? choose.Between(0, 255) / 255f : choose.Real(0, 1)),
    ];

    /// <summary>
    /// Images in the ball: along the form, on few pixels, anywhere; each as far as it goes.
    /// </summary>
    private static IEnumerable<float[]> Others(
        Choices choose, float[] image, double[] form, double epsilon, int power, int? levels)
    {
        for (int n = 0; n < 60; n++)
        {
            int only = n % 3 == 1 ? choose.Between(0, image.Length - 1) : -1;
            double[] along =
            [
                .. form.Select((c, i) => only >= 0 ? i == only ? Math.Sign(c) : 0
                    : n % 3 == 0 ? c * choose.Real(0.2f, 1) : choose.Real(-1, 1)),
            ];
            double size = power == 1
                ? along.Sum(Math.Abs)
                : Math.Sqrt(along.Sum(a => a * a));
            float[] other =
            [
                .. image.Select((p, i) => OnGrid(
                    Math.Clamp(p + (along[i] / size * epsilon * 0.999999), 0, 1), p, levels)),
            ];
            double distance = power == 1
                ? image.Zip(other, (a, b) => Math.Abs((double)a - b)).Sum()
                : Math.Sqrt(image.Zip(other, (a, b) => ((double)a - b) * ((double)a - b)).Sum());
            if (distance <= epsilon) yield return other;
        }
    }

    /// <summary>The last grid value between a pixel and where it is to go.</summary>
    private static float OnGrid(double pixel, float original, int? levels)
    {
        if (levels is not { } n) return (float)pixel;
        return (float)((pixel > original ? Math.Floor(pixel * n) : Math.Ceiling(pixel * n)) / n);
    }
}
