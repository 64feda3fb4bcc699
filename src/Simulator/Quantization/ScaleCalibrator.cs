using QSim.Kernels.Arithmetic;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>Picks the scale of a tensor from the values it takes.</summary>
internal static class ScaleCalibrator
{
    private const int RealCandidates = 100;
    private const int PowerOfTwoCandidates = 6;
    private const int MostFractionBits = 60;

    /// <summary>
    /// The scale that the format fixes, or the one that its calibration method picks.
    /// </summary>
    /// <param name="format">The format.</param>
    /// <param name="isSigned">Its signedness, <see cref="Signedness.Auto"/> resolved.</param>
    /// <param name="values">
    /// What the tensor holds; not changed. Values that are all 0 give a step of 1.
    /// </param>
    public static TensorScale Choose(ValueFormat format, bool isSigned, ReadOnlySpan<float> values)
    {
        if (format.FractionBits is int fraction)
            return TensorScale.PowerOfTwo(fraction) with { ZeroPoint = format.ZeroPoint };
        ConversionSpec target = RealConversion.Target(format, isSigned);
        Calibration calibration = format.Calibration;
        (double low, double high) = calibration.Method == CalibrationMethod.Percentile
            ? PercentileRange(values, calibration.Percentile, format.Affine)
            : CalibrationSet.Range(values);
        return calibration.Method == CalibrationMethod.MeanSquaredError
            ? LeastSquaredError(format, target, values, low, high)
            : Covering(format, target, low, high);
    }

    /// <summary>
    /// The same for a tensor of a network: its values are asked for only where the method looks at
    /// more than their range.
    /// </summary>
    /// <param name="format">The format.</param>
    /// <param name="isSigned">Its signedness.</param>
    /// <param name="calibration">What the network's tensors hold.</param>
    /// <param name="tensor">Which of them.</param>
    public static TensorScale Choose(
        ValueFormat format, bool isSigned, CalibrationSet calibration, int tensor)
    {
        if (!format.IsCalibrated || format.Calibration.Method != CalibrationMethod.MinMax)
            return Choose(
                format, isSigned, format.IsCalibrated ? calibration.Values(tensor) : default);
        (float low, float high) = calibration.Range(tensor);
        return Covering(format, RealConversion.Target(format, isSigned), low, high);
    }

    /// <summary>The finest scale at which [low, high] fits.</summary>
    private static TensorScale Covering(
        ValueFormat format, in ConversionSpec target, double low, double high)
    {
        low = Math.Min(low, 0);
        high = Math.Max(high, 0);
        if (format.Affine) return AffineCovering(target, low, high);
        double step = FinestStep(format.Scale, target, low, high);
        bool isReal = format.Scale == ScaleKind.Real;
        if (!(step > 0)) return isReal ? TensorScale.Real(1) : TensorScale.PowerOfTwo(0);
        return isReal ? TensorScale.Real(step) : TensorScale.PowerOfTwo(FractionBits(step));
    }

    private static double FinestStep(
        ScaleKind kind, in ConversionSpec target, double low, double high)
    {
        double magnitude = Math.Max(high, -low);
        if (target.Max == 0) return magnitude; // one signed bit: 0 and -1
        if (target.Min == 0) return high / target.Max;
        // A symmetric real scale maps the largest magnitude to the largest raw value, as TFLite and
        // PyTorch do.
        return kind == ScaleKind.Real
            ? magnitude / target.Max
            : Math.Max(high / target.Max, low / target.Min);
    }

    private static TensorScale AffineCovering(in ConversionSpec target, double low, double high)
    {
        double step = (high - low) / (target.Max - target.Min);
        if (!(step > 0)) return TensorScale.Real(1);
        double zero = target.Min - (low / step);
        return TensorScale.Real(step, (int)Math.Clamp(Math.Round(zero), target.Min, target.Max));
    }

    /// <summary>The largest F with 2^-F >= step.</summary>
    private static int FractionBits(double step)
    {
        int fraction = -Math.ILogB(step);
        if (Math.ScaleB(1, -fraction) < step) fraction--;
        return Math.Clamp(fraction, -MostFractionBits, MostFractionBits);
    }

    private static TensorScale LeastSquaredError(
        ValueFormat format, in ConversionSpec target, ReadOnlySpan<float> values, double low,
        double high)
    {
        TensorScale best = Covering(format, target, low, high);
        double least = SquaredError(format, target, values, best);
        bool isReal = format.Scale == ScaleKind.Real;
        int candidates = isReal ? RealCandidates : PowerOfTwoCandidates;
        for (int i = 1; i < candidates; i++)
        {
            double kept = isReal ? 1 - ((double)i / candidates) : Math.ScaleB(1, -i);
            TensorScale candidate = Covering(format, target, low * kept, high * kept);
            double error = SquaredError(format, target, values, candidate);
            if (error >= least) continue;
            (best, least) = (candidate, error);
        }

        return best;
    }

    private static double SquaredError(
        ValueFormat format, in ConversionSpec target, ReadOnlySpan<float> values,
        in TensorScale scale)
    {
        double sum = 0;
        foreach (float value in values)
        {
            long raw = RealConversion.Quantize(value, scale, format.Rounding, target);
            double error = value - RealConversion.Dequantize(raw, scale);
            sum += error * error;
        }

        return sum;
    }

    /// <summary>Symmetric: the percentile of |v|. Affine: as much cut from either end.</summary>
    private static (double Low, double High) PercentileRange(
        ReadOnlySpan<float> values, double percentile, bool isAffine)
    {
        if (values.IsEmpty) return (0, 0);
        float[] sorted = values.ToArray();
        Array.Sort(sorted);
        if (isAffine)
            return (At(sorted, (100 - percentile) / 2), At(sorted, 100 - ((100 - percentile) / 2)));

        (float least, float most) = (sorted[0], sorted[^1]);
        for (int i = 0; i < sorted.Length; i++) sorted[i] = Math.Abs(sorted[i]);
        Array.Sort(sorted);
        double kept = At(sorted, percentile);
        return (Math.Max(least, -kept), Math.Min(most, kept));
    }

    private static double At(float[] sorted, double percentile) =>
        sorted[(int)Math.Round(percentile / 100 * (sorted.Length - 1))];
}
