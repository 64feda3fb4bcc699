using QSim.Kernels.Arithmetic;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Tests;

/// <summary>A certificate's program is known by all that decides about its bits.</summary>
public class ProgramDigestTests
{
    [Fact]
    public void Of_AnotherWayOfPixelsToIntegers_IsAnother()
    {
        QuantizedProgram program = ProgramGenerator.Program(1);
        InputStage plain = new(
            new(program.Input.Type.Shape, 8, false, 0.0123), RoundingMode.NearestTiesToEven,
            OverflowMode.Saturate);
        InputStage[] stages =
        [
            plain,
            plain with { HasFloat32Quotient = true },
            plain with { Rounding = RoundingMode.TowardNegative },
            plain with { Overflow = OverflowMode.Wrap },
            plain with { Overflow = OverflowMode.Wrap, SaturationBits = 1 },
            plain with { Levels = 1 },
            plain with { Levels = 1, Black = 3 },
            plain with { Normalization = [(1, 0)] },
            plain with { Normalization = [(1, 0.5f)] },
            plain with { Type = plain.Type with { Scale = 0.0124 } },
            plain with { Type = plain.Type with { ZeroPoint = 1 }, Black = 0 },
        ];
        string[] digests =
            [.. stages.Select(s => ProgramDigest.Of(program with { Input = s }))];

        Assert.Equal(stages.Length, digests.Distinct().Count());
        Assert.Equal(
            digests[0], ProgramDigest.Of(program with { Name = "other", Input = plain }));
    }
}
