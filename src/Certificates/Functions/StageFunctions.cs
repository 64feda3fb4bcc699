using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Functions;

/// <summary>An accumulator to an output value.</summary>
internal sealed class RequantizeFunction(Requantization spec) : ScalarFunction
{
    /// <inheritdoc/>
    protected override ConversionSpec? Fit => spec.Output;

    /// <inheritdoc/>
    public override long Apply(long x, ref ConversionEvents events) =>
        Requantizer.Requantize(x, spec, ref events);
}

/// <summary>A value brought to a common scale, then requantized: one part of a concat.</summary>
internal sealed class PartFunction(ConcatPart part) : ScalarFunction
{
    /// <inheritdoc/>
    protected override ConversionSpec? Fit => part.Requantization.Output;

    /// <inheritdoc/>
    public override long Apply(long x, ref ConversionEvents events) =>
        Requantizer.Requantize(
            part.Scaling.Apply(x, ref events), part.Requantization, ref events);
}

/// <summary>One conversion between formats.</summary>
internal sealed class ConvertFunction(ConversionSpec spec) : ScalarFunction
{
    /// <inheritdoc/>
    protected override ConversionSpec? Fit => spec;

    /// <inheritdoc/>
    public override long Apply(long x, ref ConversionEvents events) =>
        Conversion.Convert(x, spec, ref events);
}

/// <summary>
/// A window's sum to its mean, clamped to the output. A mean in float32 is not a function of the
/// sum: here it is the exact one, and lies between those of sums <see cref="Slack"/> below and
/// above.
/// </summary>
internal sealed class MeanFunction(AverageUnit unit, int count, TensorType output)
    : ScalarFunction
{
    private readonly double _stepsPerUnit = unit.Real.IsUsed == 0
        ? 0
        : Value(unit.Real.Scale) / (Value(unit.Real.OutputScale) * count);

    /// <summary>A step of the mean, in steps of the sum: float32 is closer by far.</summary>
    public int Slack => unit.Real.IsUsed == 0 ? 0 : (int)Math.Ceiling(1 / _stepsPerUnit) + 1;

    /// <inheritdoc/>
    protected override ConversionSpec? Fit => null;

    /// <inheritdoc/>
    public override long Apply(long x, ref ConversionEvents events) =>
        Math.Clamp(Mean(x, ref events), output.MinRaw, output.MaxRaw);

    private long Mean(long sum, ref ConversionEvents events) => unit.Real.IsUsed == 0
        ? unit.Mean(sum, count, 0, ref events)
        : (long)Math.Round((sum - ((double)count * unit.Real.Zero)) * _stepsPerUnit)
            + unit.Real.OutputZero;

    private static double Value(Binary32 number) =>
        Math.ScaleB(number.Significand, number.Exponent);
}

/// <summary>Values between two bounds; the bounds of the type for none.</summary>
internal sealed class ClampFunction(long min, long max) : ScalarFunction
{
    /// <inheritdoc/>
    protected override ConversionSpec? Fit => null;

    /// <inheritdoc/>
    public override long Apply(long x, ref ConversionEvents events) => Math.Clamp(x, min, max);
}
