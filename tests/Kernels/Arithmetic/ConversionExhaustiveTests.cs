using System.Collections.Concurrent;
using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Tests.Oracle;

namespace QSim.Kernels.Tests.Arithmetic;

/// <summary>
/// Every raw value of every source format up to 8 bits, into every target format up to 6 bits, in
/// every mode, with every number of saturation bits, in both dialects, against the oracle. A
/// conversion sees nothing of its source but the raw value and the distance of the binary points,
/// so the union of the sources' raw values, -128..255, at every distance stands for all of them.
/// </summary>
public sealed class ConversionExhaustiveTests
{
    private static readonly RoundingMode[] Modes =
    [
        .. Enum.GetValues<RoundingMode>().Where(m => m != RoundingMode.Stochastic),
    ];

    public static TheoryData<int> Shifts => [.. Enumerable.Range(-4, 15)];

    [Theory]
    [MemberData(nameof(Shifts))]
    public void Convert_EverySmallFormatAndMode_EqualsTheOracle(int shift)
    {
        OverflowOracle.Target[] targets = [.. Targets()];
        var failures = new ConcurrentBag<string>();
        long checks = 0;
        Parallel.ForEach(
            Enumerable.Range(-128, 384),
            raw =>
            {
                Rational exact = Rational.Scaled(raw, -shift);
                foreach (
                    IGrouping<BigInteger, RoundingMode> same in Modes.GroupBy(mode =>
                        RoundingOracle.Quantize(exact, mode)
                    )
                )
                {
                    foreach (OverflowOracle.Target target in targets)
                    {
                        foreach (string failure in Failures(raw, shift, same, target, exact))
                            failures.Add(failure);
                        Interlocked.Add(ref checks, same.Count());
                    }
                }
            }
        );

        Assert.Equal(384L * Modes.Length * targets.Length, checks);
        Assert.True(
            failures.IsEmpty, $"{failures.Count} differ, one is {failures.FirstOrDefault()}");
    }

    [Fact]
    public void Between_EveryPairOfSmallFormats_StatesShiftAndRange()
    {
        for (int fraction = -3; fraction <= 9; fraction++)
        {
            for (int bits = 1; bits <= 6; bits++)
            {
                var source = new FixedFormat(8, 4, true);
                var spec = ConversionSpec.Between(
                    source, new FixedFormat(bits, fraction, true), RoundingMode.TowardZero,
                    OverflowMode.Wrap);
                Assert.Equal(
                    (
                        4 - fraction, bits, -(long)Math.Pow(2, bits - 1),
                        (long)Math.Pow(2, bits - 1) - 1),
                    (spec.Shift, spec.Bits, spec.Min, spec.Max)
                );
            }
        }
    }

    /// <summary>The modes that round a value alike ask the oracle once.</summary>
    private static IEnumerable<string> Failures(
        int raw, int shift, IGrouping<BigInteger, RoundingMode> same, OverflowOracle.Target target,
        Rational exact)
    {
        var format = new FixedFormat(target.Bits, 0, target.IsSigned);
        BigInteger expected = OverflowOracle.Fit(same.Key, exact.Below(), target);
        ConversionEvents expectedEvents =
            (exact.IsInteger ? ConversionEvents.None : ConversionEvents.Inexact)
            | (
                OverflowOracle.Fits(same.Key, target)
                    ? ConversionEvents.None
                    : ConversionEvents.Overflowed
            );
        foreach (RoundingMode mode in same)
        {
            var spec = ConversionSpec.Into(
                format, shift, mode, target.Mode, target.SaturationBits, target.Dialect);
            ConversionEvents events = ConversionEvents.None;
            long actual = Conversion.Convert(raw, spec, ref events);
            if (actual != expected || events != expectedEvents)
                yield return $"{raw} by {spec}: {actual} ({events}), not {expected} "
                    + $"({expectedEvents})";
        }
    }

    private static IEnumerable<OverflowOracle.Target> Targets() =>
        from bits in Enumerable.Range(1, 6)
        from isSigned in new[] { true, false }
        from mode in Enum.GetValues<OverflowMode>()
        where isSigned || mode != OverflowMode.WrapSignMagnitude
        from n in mode is OverflowMode.Wrap or OverflowMode.WrapSignMagnitude
            ? Enumerable.Range(0, bits + 1)
            : [0]
        from dialect in Enum.GetValues<OverflowDialect>()
        select new OverflowOracle.Target(bits, isSigned, mode, n, dialect);
}
