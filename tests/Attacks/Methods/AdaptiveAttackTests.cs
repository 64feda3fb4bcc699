using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods.Adaptive;
using QSim.Attacks.Tests.Evaluation;
using QSim.Attacks.Tests.Gradients;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Methods;

public class AdaptiveAttackTests
{
    public static TheoryData<string> Profiles => [.. ShippedProfiles.Names];

    /// <summary>
    /// Changing what changes in the first sums is the hardware itself, on every shipped profile,
    /// all moves together or a few at a time.
    /// </summary>
    [Theory]
    [MemberData(nameof(Profiles))]
    public void CutProgram_MovedPixels_GivesTheHardwaresLogits(string profile)
    {
        foreach (string name in new[] { "mlp", "conv_padded", "two_convs", "conv_groups" })
        {
            FloatNetwork network = TestNetworks.Create(name);
            float[] images = TestNetworks.Images(network, 4, seed: 5);
            QuantizedProgram program = Chip.Quantize(network, images, profile);
            using CutProgram cut = new(program), few = new(program, false, mostElements: 100);
            using IProgramRunner runner = new ReferenceBackend().Load(program);
            long[] raw = cut.Input.Quantize(images.AsSpan(0, network.Input.Length));
            CutProgram.Point point = cut.At(raw, 0);
            var random = new Random(3);
            for (int round = 0; round < 4; round++)
            {
                CutProgram.Move[] moves =
                [
                    .. Enumerable.Range(1, 5).Select(count => new CutProgram.Move([
                        .. Enumerable.Range(0, count)
                            .Select(_ => random.Next(raw.Length))
                            .Distinct()
                            .Select(p => (p, Raw(program.Input.Type, random))),
                    ])),
                ];
                (CutProgram.Point, CutProgram.Move)[] tried = [.. moves.Select(m => (point, m))];
                long[] expected =
                [
                    .. moves.SelectMany(m => runner.Run(Moved(raw, m), 1, RunOptions.Default)
                        .Outputs),
                ];
                Assert.Equal(expected, cut.Try(tried));
                Assert.Equal(expected, few.Try(tried));
                cut.Take(point, moves[round]);
                raw = Moved(raw, moves[round]);
                Assert.Equal(raw, point.Raw);
            }
        }
    }

    [Theory]
    [InlineData("int8-wide", true)]
    [InlineData("acc16-wrap", true)]
    [InlineData("tflite-int8", true)]
    [InlineData("acc12-sat", false)]
    public void CutProgram_SumsInAnyOrder_AreKept(string profile, bool isIncremental)
    {
        FloatNetwork network = TestNetworks.Create("mlp");
        using var cut = new CutProgram(
            Chip.Quantize(network, TestNetworks.Images(network, 4, seed: 5), profile));
        Assert.Equal(isIncremental, cut.IsIncremental);
    }

    [Fact]
    public void WrapLayer_IsTheWrapAwayFromItsJump_AndContinuous()
    {
        for (float x = -9; x < 9; x += 0.01f)
        {
            (float value, float slope) = WrapLayer.At(x, 4);
            float wrapped = x - (4 * MathF.Round(x / 4));
            if (MathF.Abs(wrapped) < 1.8f) Assert.Equal((wrapped, 1f), (value, slope));
            Assert.InRange(value, -1.81f, 1.81f);
            Assert.Equal(WrapLayer.At(x + 1e-3f, 4).Value, value, 0.02f);
        }
    }

    [Fact]
    public void WrapLayer_Gradient_IsItsSlope()
    {
        FloatNetwork network = new(
            "w", new(2),
            [
                new DenseLayer("d", [0], 2, [3, 1, -2, 5], [0.1f, -0.2f]),
                new WrapLayer("wrap", [1], [1f, 2f]),
            ]);
        using var model = new ManagedGradientModel(network, 1);
        float[] image = [0.3f, 0.8f], gradient = new float[2], logits = new float[2];
        model.Gradients(
            image, [(1 * 2) + 0], new LogitDifferenceLoss(2), gradient, new float[1], logits);
        (float first, float up) = WrapLayer.At((3 * 0.3f) + 0.8f + 0.1f, 1);
        (float second, float down) = WrapLayer.At((-2 * 0.3f) + (5 * 0.8f) - 0.2f, 2);
        Assert.Equal(first, logits[0], 1e-5);
        Assert.Equal(second, logits[1], 1e-5);
        Assert.Equal((down * -2) - (up * 3), gradient[0], 1e-4);
        Assert.Equal((down * 5) - up, gradient[1], 1e-4);
    }

    [Fact]
    public void InputGrid_Snapped_IsReadAsBefore()
    {
        foreach (string profile in ShippedProfiles.Names)
        {
            FloatNetwork network = TestNetworks.Create("mlp");
            float[] images = TestNetworks.Images(network, 6, seed: 9);
            QuantizedProgram program = Chip.Quantize(network, images, profile);
            var converter = new InputConverter(program.Input);
            float[] snapped = images[..network.Input.Length];
            new InputGrid(converter).Snap(snapped);
            Assert.Equal(
                converter.Quantize(images.AsSpan(0, network.Input.Length)),
                converter.Quantize(snapped));
        }
    }

    /// <summary>It contains what it starts from: nothing that these break stands.</summary>
    [Theory]
    [InlineData(Norm.Linf, 0.08)]
    [InlineData(Norm.L2, 0.5)]
    [InlineData(Norm.L1, 2.5)]
    public void Run_BreaksMoreThanAnyOfItsParts(Norm norm, double epsilon)
    {
        (FloatNetwork network, LabelledImages images) = Fixtures.Bars;
        using var chip = Chip.Bars("acc16-wrap");
        AttackTarget target = AttackTarget.WhiteBox(chip.Hardware);
        int Standing(AdaptiveParts parts)
        {
            using var attack = new AdaptiveAttack(
                network, chip.Program, steps: 10, queries: 60, parts: parts);
            return Robustness.Run(attack, target, images, new(norm, new(epsilon)))
                .Judges[0].RobustRight;
        }

        int all = Standing(AdaptiveParts.All);
        AdaptiveParts[] parts =
        [
            AdaptiveParts.Square, AdaptiveParts.AsIs | AdaptiveParts.Grid,
            AdaptiveParts.Exact | AdaptiveParts.Grid, AdaptiveParts.None,
        ];
        foreach (AdaptiveParts part in parts) Assert.True(all <= Standing(part), $"{part}");
        Assert.True(all < Standing(AdaptiveParts.None));
    }

    private static long Raw(TensorType type, Random random) =>
        random.NextInt64(type.MinRaw, type.MaxRaw + 1);

    private static long[] Moved(long[] raw, CutProgram.Move move)
    {
        long[] moved = [.. raw];
        foreach ((int pixel, long to) in move.Changes) moved[pixel] = to;
        return moved;
    }
}
