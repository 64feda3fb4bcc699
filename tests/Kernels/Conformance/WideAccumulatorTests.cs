using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Conformance;

/// <summary>
/// Random programs whose registers are too wide for their multipliers, were they ever full: their
/// weights see to it that they are not, and so every backend is exact.
/// </summary>
public class WideAccumulatorTests
{
    private const int Seeds = 400;
    private const int Images = 2;

    [Fact]
    public void Run_RegistersThatAreNeverFull_GivesTheReferencesBits()
    {
        int compared = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            QuantizedProgram program = ProgramGenerator.Program(seed);
            program = program with
            {
                Layers = [.. program.Layers.Select(l => l is MacLayer m ? Wide(m, random) : l)],
            };
            bool isWide = program.Layers.OfType<MacLayer>().Any(m => m.Requantization.Any(r =>
                r.Widths(m.Facts.Chain.Register).Any(w => w.Bits > ProgramLimits.MaxBits)));
            if (!isWide || ProgramLimits.WhyNot(program) is not null) continue;
            compared++;
            var options = new RunOptions { CollectEvents = true, FirstImage = seed };
            long[] inputs = ProgramGenerator.Inputs(program, Images, seed);
            using IProgramRunner plain = new ReferenceBackend().Load(program);
            using IProgramRunner fast = new SimdBackend().Load(program);
            RunResult wanted = plain.Run(inputs, Images, options);
            RunResult found = fast.Run(inputs, Images, options);
            Assert.True(wanted.Outputs.SequenceEqual(found.Outputs), $"seed {seed}");
            Assert.Equivalent(wanted.Events, found.Events);
        }

        Assert.True(compared > Seeds / 8, $"{compared} of {Seeds}");
    }

    private static MacLayer Wide(MacLayer layer, Random random)
    {
        ConversionSpec update = layer.Mac.Update;
        ConversionSpec wide = ConversionSpec.Into(
            new(random.Next(41, 60), 0, true), update.Shift, update.Rounding, update.Overflow);
        int sum = layer.Input.Bits + layer.WeightBits + BitOperations.Log2((uint)layer.Depth) + 1;
        int shift = sum - layer.Output.Bits + random.Next(-2, 5);
        bool isDouble = random.Next(2) == 0;
        return layer with
        {
            Mac = layer.Mac with { Update = wide with { Dialect = update.Dialect } },
            Bias = [.. layer.Bias.Select(_ => random.NextInt64(-200, 200))],
            Requantization =
            [
                .. layer.Requantization.Select(r => r with
                {
                    Kind = isDouble
                        ? RequantizationKind.MultiplierDouble
                        : RequantizationKind.MultiplierSingle,
                    Output = r.Output with { Shift = 0 },
                    Multiplier = random.Next(1 << 30, int.MaxValue),
                    MultiplierShift = isDouble
                        ? Math.Clamp(shift, -4, 40)
                        : Math.Clamp(shift + 31, 1, 62),
                }),
            ],
        };
    }
}
