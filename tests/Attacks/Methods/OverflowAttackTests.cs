using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods;
using QSim.Attacks.Methods.Overflow;
using QSim.Attacks.Tests.Evaluation;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Networks;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Methods;

public class OverflowAttackTests
{
    private static readonly FloatNetwork Network = Fixtures.Bars.Network;
    private static readonly LabelledImages Images = Fixtures.Bars.Images;
    private static readonly Budget Budget = new(Norm.Linf, new(0.1));

    [Theory]
    [InlineData("int8-acc-wrap")]
    [InlineData("int8-acc-sat")]
    [InlineData("int4")]
    public void Probe_FirstLayer_IsTheExactSumOverTheLimit(string profile)
    {
        QuantizedProgram program = Quantize(profile);
        var mac = (MacLayer)program.Layers[0];
        using AccumulatorProbe probe = AccumulatorProbe.Of(Network, program, mac);

        // Pixels on the input's own lattice, so that float and raw see the same values.
        TensorType type = program.Input.Type;
        long[] raw =
        [
            .. Enumerable
                .Range(0, 36)
                .Select(i => type.MinRaw + (i * 5 % (type.MaxRaw - type.MinRaw + 1))),
        ];
        float[] image = [.. raw.Select(r => (float)(type.Scale * (r - type.ZeroPoint)))];
        float[] pressures = new float[probe.Model.Classes];
        probe.Model.Logits(image, 1, pressures);
        int[] lengths = profile == "int8-acc-sat" ? [2, 4, 6, 9] : [9];
        Assert.Equal(mac.Bias.Length * lengths.Length * 36, pressures.Length);
        for (int o = 0; o < mac.Bias.Length; o++)
            for (int l = 0; l < lengths.Length; l++)
                for (int p = 0; p < 36; p++)
                {
                    (double exact, double size) = ExactSum(mac, raw, o, p, lengths[l]);
                    double limit = Math.Max(-mac.Mac.Update.Min, mac.Mac.Update.Max);
                    float pressure = pressures[(((o * lengths.Length) + l) * 36) + p];
                    Assert.Equal(exact, pressure * limit, 1e-5 * size);
                }
    }

    [Theory]
    [InlineData("int8-acc-wrap")]
    [InlineData("int8-acc-sat")]
    public void Run_NarrowAccumulator_OverflowsMoreThanCleanAndNoise(string profile)
    {
        QuantizedProgram program = Quantize(profile);
        using var simulation = new Simulation(program, BackendList.Best(program));
        var hardware = new HardwareClassifier(simulation, profile);
        using var attack = new OverflowAttack(Network, program);
        Assert.NotEmpty(attack.Layers);
        RobustnessResult pressed = Robustness.Run(
            attack, AttackTarget.Label(hardware), Images, Budget);
        RobustnessResult noise = Robustness.Run(
            new UniformNoise(attack.Attempts(3) * 40), AttackTarget.Label(hardware), Images,
            Budget);
        long clean = Overflows(simulation, Images.Pixels);
        Assert.True(Overflows(simulation, pressed.Adversarial) > 1.2 * clean);
        Assert.True(
            Overflows(simulation, pressed.Adversarial)
                > 1.2 * Overflows(simulation, noise.Adversarial)
        );
        Assert.All(pressed.Images, i => Assert.Equal(i.WasAttacked, i.Queries > 0));
    }

    [Fact]
    public void Run_WrappingAccumulator_BreaksMoreThanNoise()
    {
        QuantizedProgram program = Quantize("int8-acc-wrap");
        using var simulation = new Simulation(program, BackendList.Best(program));
        AttackTarget target = AttackTarget.Label(
            new HardwareClassifier(simulation, "int8-acc-wrap"));
        using var attack = new OverflowAttack(Network, program);
        int pressed = Robustness.Run(attack, target, Images, Budget).Judges[0].RobustRight;
        int noise = Robustness
            .Run(new UniformNoise(attack.Attempts(3) * 40), target, Images, Budget)
            .Judges[0]
            .RobustRight;
        Assert.True(
            pressed < noise, $"{pressed} standing, {noise} under noise with as many queries");
    }

    [Fact]
    public void Run_WideAccumulator_HasNothingToPress()
    {
        QuantizedProgram program = Quantize("int8-wide");
        using var simulation = new Simulation(program, BackendList.Best(program));
        using var attack = new OverflowAttack(Network, program);
        Assert.Empty(attack.Layers);
        RobustnessResult result = Robustness.Run(
            attack, AttackTarget.Label(new HardwareClassifier(simulation, "int8-wide")), Images,
            Budget);
        Assert.Equal(Images.Pixels, result.Adversarial);
    }

    /// <summary>
    /// One accumulator's exact value in its own units after so many products, and the sum of
    /// absolute terms: 3x3 window, one channel, padding 1, 6x6 image.
    /// </summary>
    private static (double Sum, double Size) ExactSum(
        MacLayer mac, long[] raw, int o, int position, int products)
    {
        long sum = 0, size = 0;
        foreach (int k in ReductionPlan.WeightIndices(mac).Take(products))
        {
            int row = (position / 6) + (k / 3) - 1, column = (position % 6) + (k % 3) - 1;
            bool isInside = row is >= 0 and < 6 && column is >= 0 and < 6;
            long x = isInside ? raw[(row * 6) + column] : mac.Input.ZeroPoint;
            long product = (x - mac.Mac.InputOffset) * mac.Weights[(o * 9) + k];
            (sum, size) = (sum + product, size + Math.Abs(product));
        }

        double partial = Math.Pow(2, mac.Mac.PartialAlign - mac.Mac.Update.Shift);
        double start = mac.Bias[o] * Math.Pow(2, mac.Mac.AccumulatorAlign - mac.Mac.Update.Shift);
        return ((sum * partial) + start, (size * partial) + Math.Abs(start) + 1);
    }

    private static long Overflows(Simulation simulation, float[] pixels) =>
        simulation.Run(pixels, RunOptions.WithEvents).Events
            .SelectMany(layer => layer.Stages).Where(s => s.Stage == EventStage.Accumulator)
            .Sum(s => s.Overflowed.Sum());

    private static QuantizedProgram Quantize(string profile) =>
        Chip.Quantize(Network, Images.Pixels, profile);
}
