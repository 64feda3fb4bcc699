using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;

namespace QSim.Kernels.Tests.Simd;

/// <summary>Sums of many channels side by side, some of which the processor rounds otherwise.
/// </summary>
public class FloatMacStepTests
{
    /// <summary>
    /// Numbers about the least that have all their bits, sums that cancel, and zeros: the
    /// reference's bits all the same, in every order.
    /// </summary>
    [Fact]
    public void Run_NumbersOfAnySize_EqualsReference()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var choose = new Choices(seed);
            var input = TensorType.Float32(
                new(choose.Between(1, 20), choose.Between(1, 4), choose.Between(1, 4)));
            FloatMacLayer layer = RandomFloatMac.Of(choose, "mac", 0, input);
            var program = new QuantizedProgram(
                $"seed {seed}",
                new(input, RoundingMode.NearestTiesToEven, OverflowMode.Saturate), [layer]);
            Assert.Null(ProgramLimits.WhyNot(program));
            float size = choose.Of(1f, 1e-19f, 1e-37f, 1e19f);
            long[] inputs =
            [
                .. Enumerable.Range(0, 3 * input.Shape.Length).Select(
                    _ => choose.Chance(0.2) ? 0L : OrderedFloat.Of(size * choose.Real(-2, 2))),
            ];

            RunAssert.EqualsReference(new SimdBackend(), program, inputs, RunOptions.Default);
        }
    }
}
