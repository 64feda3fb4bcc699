using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Ilgpu.General;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>Updates in 32 bits against the conversion that they stand for.</summary>
public class NarrowUpdateTests
{
    private static readonly int[] Ends =
        [-(1 << 30), -(1 << 30) + 1, (1 << 30) - 2, (1 << 30) - 1];

    public static TheoryData<RoundingMode, OverflowMode> Modes
    {
        get
        {
            TheoryData<RoundingMode, OverflowMode> modes = [];
            foreach (RoundingMode rounding in Enum.GetValues<RoundingMode>())
                foreach (OverflowMode overflow in Enum.GetValues<OverflowMode>())
                    modes.Add(rounding, overflow);
            return modes;
        }
    }

    /// <summary>Every small sum and both ends of 31 bits, in every small format.</summary>
    [Theory]
    [MemberData(nameof(Modes))]
    public void Convert_EverySmallFormat_IsTheConversions(
        RoundingMode rounding, OverflowMode overflow)
    {
        foreach (bool isSigned in new[] { false, true })
            foreach (int bits in new[] { 1, 2, 3, 5, 8, 16, 30 })
                foreach (int shift in new[] { 0, 1, 2, 3, 7, 30 })
                {
                    var spec = ConversionSpec.Into(
                        new FixedFormat(bits, 0, isSigned), shift, rounding, overflow);
                    bool isTaken = overflow != OverflowMode.WrapSignMagnitude
                        && !(rounding == RoundingMode.Stochastic && shift > 0);
                    NarrowUpdate? narrow = NarrowUpdate.Of(spec, 0, 0);
                    Assert.Equal(isTaken, narrow is not null);
                    if (narrow is { } update) Compare(update, spec);
                }
    }

    /// <summary>What the kernel must not take, and what it is there for.</summary>
    [Fact]
    public void Of_TakesWhatFitsAlone()
    {
        ConversionSpec whole = ConversionSpec.Into(
            new FixedFormat(32, 0, true), 0, RoundingMode.TowardNegative, OverflowMode.Saturate);
        Assert.Null(NarrowUpdate.Of(whole, 0, 0));
        Assert.Null(NarrowUpdate.Of(whole with { Bits = 16, Shift = -1 }, 0, 0));
        Assert.Null(NarrowUpdate.Of(
            whole with { Bits = 16, Overflow = OverflowMode.Wrap, SaturationBits = 1 }, 0, 0));
        MacLayer[] layers =
        [
            .. LawPrograms.Names.SelectMany(law => new[]
            {
                LawPrograms.Of(law, true), LawPrograms.Wide(law, true),
            }).SelectMany(p => p.Layers).OfType<MacLayer>(),
        ];
        Assert.Contains(layers, l => NarrowUpdate.Of(l) is not null);
        Assert.All(layers, l => Assert.True(
            NarrowUpdate.Of(l) is null || l.Facts.Chain.Widths().Max(w => w.Bits) <= 31));
    }

    private static void Compare(NarrowUpdate update, ConversionSpec spec)
    {
        foreach (int sum in Enumerable.Range(-600, 1201).Concat(Ends))
        {
            ConversionEvents expected = ConversionEvents.None, actual = ConversionEvents.None;
            long value = Conversion.Convert(sum, spec, ref expected);
            int rounded = update.Round(sum), fitted = update.Fit(rounded);
            if (update.Dropped(sum) != 0) actual |= ConversionEvents.Inexact;
            if (rounded != fitted) actual |= ConversionEvents.Overflowed;
            Assert.True(
                value == fitted && expected == actual,
                $"{sum} by {spec}: {value}, {expected}; in 32 bits {fitted}, {actual}");
        }
    }
}
