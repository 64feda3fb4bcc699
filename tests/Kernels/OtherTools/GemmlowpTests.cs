using System.Globalization;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Kernels.Conformance;
using Xunit.Abstractions;

namespace QSim.Kernels.Tests.OtherTools;

/// <summary>
/// Random double-rounding requantizations against gemmlowp, other ones in every run.
/// </summary>
public sealed class GemmlowpTests(ITestOutputHelper output)
{
    [SkippableFact]
    public void Requantize_RandomCases_EqualsGemmlowp()
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var choose = new Choices(seed);
        (int Accumulator, int Multiplier, int Shift)[] cases =
        [
            .. Enumerable
                .Range(0, 100_000)
                .Select(_ =>
                    (
                        (int)choose.Raw(int.MinValue, int.MaxValue) >> choose.Between(0, 31),
                        (int)choose.Raw(int.MinValue, int.MaxValue), choose.Between(0, 31))
                ),
        ];
        string[] answers = CppDriver.Run(
            "gemmlowp_requant.cpp",
            "/usr/include/gemmlowp/fixedpoint/fixedpoint.h",
            "libgemmlowp-dev",
            ["-I/usr/include/gemmlowp"],
            cases.Select(c =>
                string.Create(
                    CultureInfo.InvariantCulture, $"{c.Accumulator} {c.Multiplier} {c.Shift}")
            )
        );
        Assert.Equal(cases.Length, answers.Length);
        Assert.All(cases.Zip(answers), pair => Assert.Equal(pair.Second, Scaled(pair.First)));
    }

    private static string Scaled((int Accumulator, int Multiplier, int Shift) c)
    {
        var spec = new Requantization
        {
            Kind = RequantizationKind.MultiplierDouble,
            Multiplier = c.Multiplier,
            MultiplierShift = c.Shift,
            Output = ConversionSpec.Into(
                new FixedFormat(32, 0, true), 0, RoundingMode.TowardNegative,
                OverflowMode.Saturate),
            ClampMin = long.MinValue,
            ClampMax = long.MaxValue,
        };
        ConversionEvents events = ConversionEvents.None;
        long result = Requantizer.Requantize(c.Accumulator, spec, ref events);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Requantizer.HighMultiply(c.Accumulator, c.Multiplier)} {result}");
    }
}
