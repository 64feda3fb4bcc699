namespace QSim.Simulator.Quantization;

/// <summary>
/// What one raw step stands for: <c>real = Step * (raw - ZeroPoint)</c>. A power of two keeps its
/// exponent, because shifts and casts need it as an integer.
/// </summary>
/// <param name="Step">The scale; positive and finite.</param>
/// <param name="FractionBits">F when the step is 2^-F, else null.</param>
/// <param name="ZeroPoint">The raw value of 0.</param>
public readonly record struct TensorScale(double Step, int? FractionBits, int ZeroPoint)
{
    /// <summary>The scale 2^-F.</summary>
    public static TensorScale PowerOfTwo(int fractionBits) =>
        new(Math.ScaleB(1, -fractionBits), fractionBits, 0);

    /// <summary>
    /// This scale, or the finest one of its kind whose step is at least <paramref name="step"/>.
    /// </summary>
    public TensorScale AtLeast(double step)
    {
        if (Step >= step) return this;
        if (FractionBits is null)
        {
            float wide = (float)step;
            return this with { Step = wide < step ? MathF.BitIncrement(wide) : wide };
        }

        int fraction = -Math.ILogB(step);
        return PowerOfTwo(Math.ScaleB(1, -fraction) < step ? fraction - 1 : fraction);
    }

    /// <summary>Any scale, rounded to float32 as every framework stores it.</summary>
    public static TensorScale Real(double step, int zeroPoint = 0) =>
        new((float)step, null, zeroPoint);
}
