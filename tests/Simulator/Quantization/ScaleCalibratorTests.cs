using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Quantization;

public class ScaleCalibratorTests
{
    private static readonly ValueFormat Int8 = new() { Bits = 8, Signedness = Signedness.Signed };

    [Theory]
    [InlineData(0.9f, 7)]
    [InlineData(127f / 128, 7)]
    [InlineData(0.9961f, 6)]
    [InlineData(1f, 6)]
    [InlineData(-1f, 7)]
    [InlineData(100f, 0)]
    [InlineData(300f, -2)]
    [InlineData(0.001f, 16)]
    public void Choose_PowerOfTwoMinMax_TakesFinestScaleThatCovers(
        float extreme, int fractionBits) =>
        Assert.Equal(
            fractionBits, ScaleCalibrator.Choose(Int8, true, [0.0001f, extreme]).FractionBits);

    [Fact]
    public void Choose_RealSymmetric_MapsLargestMagnitudeToLargestRaw()
    {
        TensorScale scale = ScaleCalibrator.Choose(
            Int8 with { Scale = ScaleKind.Real }, true, [-2.54f, 1f]);
        Assert.Equal((double)(2.54f / 127), scale.Step, 9);
        Assert.Equal(0, scale.ZeroPoint);
    }

    [Fact]
    public void Choose_RealAffine_ZeroIsExact()
    {
        ValueFormat format = Int8 with { Scale = ScaleKind.Real, Affine = true };
        TensorScale scale = ScaleCalibrator.Choose(format, true, [-1f, 3f]);
        Assert.Equal(4.0 / 255, scale.Step, 7);
        Assert.Equal(-64, scale.ZeroPoint);
        Assert.Equal(0, RealConversion.Dequantize(scale.ZeroPoint, scale));
    }

    [Fact]
    public void Choose_AllZero_GivesStepOne() =>
        Assert.Equal(1, ScaleCalibrator.Choose(Int8, true, [0f, 0f]).Step);

    [Fact]
    public void Choose_FixedBinaryPoint_IgnoresData() =>
        Assert.Equal(
            3, ScaleCalibrator.Choose(Int8 with { FractionBits = 3 }, true, [1000f]).FractionBits);

    [Fact]
    public void Choose_Percentile_LeavesOutlierOut()
    {
        float[] values = [.. Enumerable.Range(0, 1000).Select(i => i / 1000f), 50f];
        ValueFormat format = Int8 with { Calibration = new(CalibrationMethod.Percentile, 99) };
        Assert.Equal(7, ScaleCalibrator.Choose(format, true, values).FractionBits);
        Assert.Equal(1, ScaleCalibrator.Choose(Int8, true, values).FractionBits);
    }

    [Theory]
    [InlineData(ScaleKind.Real)]
    [InlineData(ScaleKind.PowerOfTwo)]
    public void Choose_MeanSquaredError_IsNeverWorseThanMinMax(Enum anyKind)
    {
        var kind = (ScaleKind)anyKind;
        var random = new Random(7);
        for (int round = 0; round < 20; round++)
        {
            float[] values =
            [
                .. Enumerable.Range(0, 500).Select(_ => random.NextSingle() - 0.5f),
                3,
            ];
            ValueFormat format = Int8 with { Bits = 4, Scale = kind };
            TensorScale covering = ScaleCalibrator.Choose(format, true, values);
            TensorScale least = ScaleCalibrator.Choose(
                format with { Calibration = new(CalibrationMethod.MeanSquaredError) }, true,
                values);
            Assert.True(Error(values, format, least) <= Error(values, format, covering));
            Assert.True(least.Step < covering.Step, "the outlier should be cut");
        }
    }

    private static double Error(float[] values, ValueFormat format, TensorScale scale) =>
        values.Sum(v =>
        {
            double raw = Math.Clamp(Math.Round(v / scale.Step), -8, 7);
            return Math.Pow(v - (raw * scale.Step), 2);
        });
}
