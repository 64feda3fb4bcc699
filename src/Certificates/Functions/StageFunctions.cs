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

/// <summary>A window's sum to its mean, clamped to the output.</summary>
internal sealed class MeanFunction(AverageUnit unit, int count, TensorType output)
    : ScalarFunction
{
    /// <inheritdoc/>
    protected override ConversionSpec? Fit => null;

    /// <inheritdoc/>
    public override long Apply(long x, ref ConversionEvents events) =>
        Math.Clamp(unit.Mean(x, count, 0, ref events), output.MinRaw, output.MaxRaw);
}

/// <summary>Values between two bounds; the bounds of the type for none.</summary>
internal sealed class ClampFunction(long min, long max) : ScalarFunction
{
    /// <inheritdoc/>
    protected override ConversionSpec? Fit => null;

    /// <inheritdoc/>
    public override long Apply(long x, ref ConversionEvents events) => Math.Clamp(x, min, max);
}
