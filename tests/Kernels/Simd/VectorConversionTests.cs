using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Simd.Mac.Stepwise;

namespace QSim.Kernels.Tests.Simd;

/// <summary>
/// Every deterministic mode over lanes against the scalar conversion, over all small values.
/// </summary>
public sealed class VectorConversionTests
{
    private static readonly long[] Values = [.. Enumerable.Range(-264, 528).Select(v => (long)v)];

    [Fact]
    public void Convert_IntLanes_EqualsScalar() => Check<int>();

    [Fact]
    public void Convert_LongLanes_EqualsScalar() => Check<long>();

    private static void Check<T>()
        where T : unmanaged, IBinaryInteger<T>
    {
        foreach (ConversionSpec spec in Specs())
        {
            var conversion = new VectorConversion<T>(spec);
            for (int i = 0; i + Vector<T>.Count <= Values.Length; i += Vector<T>.Count)
            {
                T[] lanes = [.. Values.Skip(i).Take(Vector<T>.Count).Select(T.CreateTruncating)];
                var value = new Vector<T>(lanes);
                long[] expected =
                [
                    .. Values.Skip(i).Take(lanes.Length).Select(v => Scalar(v, spec)),
                ];
                Vector<T> rounded = AnyRounding.Round(value, conversion);
                AssertLanes(expected, AnyOverflow.Fit(value, rounded, conversion), spec);
                if (spec.Overflow is OverflowMode.Saturate or OverflowMode.SaturateSymmetric)
                    AssertLanes(expected, Saturation.Fit(value, rounded, conversion), spec);
                if (spec is { Overflow: OverflowMode.Wrap, SaturationBits: 0, IsSigned: true })
                    AssertLanes(expected, SignedWrap.Fit(value, rounded, conversion), spec);
            }
        }
    }

    private static IEnumerable<ConversionSpec> Specs() =>
        from rounding in Enum.GetValues<RoundingMode>()
        where rounding != RoundingMode.Stochastic
        from overflow in Enum.GetValues<OverflowMode>()
        from isSigned in new[] { true, false }
        where isSigned || overflow != OverflowMode.WrapSignMagnitude
        from dialect in Enum.GetValues<OverflowDialect>()
        from saturationBits in overflow is OverflowMode.Wrap or OverflowMode.WrapSignMagnitude
            ? new[] { 0, 1, 3 }
            : [0]
        from shift in new[] { 0, 1, 2, 5 }
        from bits in new[] { 3, 6 }
        select ConversionSpec.Into(
            new(bits, 0, isSigned), shift, rounding, overflow, saturationBits, dialect);

    private static long Scalar(long value, ConversionSpec spec)
    {
        ConversionEvents ignored = ConversionEvents.None;
        return Conversion.Convert(value, spec, ref ignored);
    }

    private static void AssertLanes<T>(long[] expected, Vector<T> actual, ConversionSpec spec)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (int lane = 0; lane < expected.Length; lane++)
            Assert.True(
                expected[lane] == long.CreateTruncating(actual[lane]),
                $"{spec}, lane {lane}: {actual[lane]}, not {expected[lane]}");
    }
}
