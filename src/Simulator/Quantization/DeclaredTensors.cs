using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Integers;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Formats that a file of ready-made integers states, on a profile that has to have room for them
/// and that rounds and fits.
/// </summary>
/// <param name="profile">The profile's name.</param>
internal sealed class DeclaredTensors(string profile)
{
    /// <summary>A layer's output.</summary>
    /// <exception cref="InputException">The profile's format does not hold it.</exception>
    public QuantizedTensor Output(
        TensorShape shape, FakeQuantizer stated, InputError at, ValueFormat format)
    {
        Check(stated, at, format);
        if (format.FractionBits is { } fixedPoint
            && (stated.Scale.Step != Math.ScaleB(1, -fixedPoint)
                || stated.Scale.ZeroPoint != format.ZeroPoint))
            throw Fail(
                at, $"its step is {stated.Scale.Step:R} and its zero point "
                    + $"{stated.Scale.ZeroPoint}, where '{profile}' has fraction_bits: "
                    + $"{fixedPoint} and zero_point: {format.ZeroPoint}");
        if (format is { IsCalibrated: true, Affine: false } && stated.Scale.ZeroPoint != 0)
            throw Fail(
                at, $"zero_point: {stated.Scale.ZeroPoint}, and '{profile}' has none (affine: "
                    + "false)");
        return Tensor(shape, stated, format);
    }

    /// <summary>Sums that are the output: the accumulator has to hold it.</summary>
    /// <exception cref="InputException">It does not.</exception>
    public QuantizedTensor Sums(
        TensorShape shape, FakeQuantizer stated, InputError at, AccumulatorFormat accumulator)
    {
        if (stated.Target.Bits > accumulator.Bits)
            throw Fail(
                at, $"{stated.Target.Bits} bits of an accumulator that has {accumulator.Bits} in "
                    + $"'{profile}'");
        return Tensor(shape, stated, new()
        {
            Bits = 0,
            Signedness = Signedness.Signed,
            Scale = ScaleKind.Real,
        });
    }

    /// <summary>The image.</summary>
    /// <exception cref="InputException">The profile's format does not hold it.</exception>
    public QuantizedTensor Image(
        TensorShape shape, FakeQuantizer stated, InputError at, ValueFormat format)
    {
        Check(stated, at, format);
        return Tensor(shape, stated, format);
    }

    /// <summary>How raw values of the image come about.</summary>
    /// <param name="tensor">The image.</param>
    /// <param name="declared">What the file says.</param>
    /// <param name="quantizer">Its format.</param>
    /// <param name="norm">What is done to pixels first.</param>
    /// <exception cref="InputException">More than levels, and these take bytes.</exception>
    public static InputStage Stage(
        QuantizedTensor tensor, DeclaredFormat declared, FakeQuantizer quantizer,
        BatchNormLayer? norm)
    {
        InputStage stage = new(tensor.Type, tensor.Format.Rounding, tensor.Format.Overflow)
        {
            SaturationBits = tensor.Format.SaturationBits,
        };
        if (declared.Levels is not { } levels)
            return stage with
            {
                HasFloat32Quotient = declared.HasFloat32Quotient,
                Normalization = norm is null ? [] : [.. norm.Scale.Zip(norm.Shift)],
            };
        (double scale, double shift) = IntegerBuilder.LevelsAffine(
            quantizer, levels, declared.Black);
        if (norm is null || norm.Scale.Any(s => s != (float)scale)
            || norm.Shift.Any(s => s != (float)shift))
            throw Fail(
                declared.At, "levels takes bytes as they are, and something is done to pixels "
                    + "before (supported: pixel_scale and pixel_shift in place of levels)");
        return stage with { Levels = levels, Black = declared.Black };
    }

    /// <summary>Whether a profile has room for a layer's weights.</summary>
    /// <exception cref="InputException">It has not.</exception>
    public void CheckWeights(OwnWeights own, InputError at, LayerDatapath stages)
    {
        ValueFormat format = stages.Weight;
        ExactRange range = format.Range;
        int room = format.IsBipolar ? BipolarWeights.RawBits(format) : format.Bits;
        if (own.Bits > room)
            throw Fail(at, $"weight_bits: {own.Bits}, and weights of '{profile}' have {room}");
        foreach (int raw in own.Raw)
            if (raw < range.Low || raw > range.High || (format.IsBipolar && (raw & 1) == 0))
                throw Fail(
                    at, $"a weight of {raw}, and those of '{profile}' are "
                        + (format.IsBipolar ? "odd numbers in " : "")
                        + $"{range.Low}..{range.High}");
        bool isFixed = stages.Product is not null || stages.Accumulator.FractionBits is not null;
        if (isFixed && !own.Declared!.HasSteps)
            throw Fail(
                at, $"products or accumulators of '{profile}' have a binary point of their own, so "
                    + "the array weight_scale has to say what a raw weight is");
    }

    private void Check(FakeQuantizer stated, InputError at, ValueFormat format)
    {
        if (stated.Target.Bits > format.Bits)
            throw Fail(
                at, $"bits: {stated.Target.Bits}, where '{profile}' has {format.Bits}");
        bool fits = format.Signedness switch
        {
            Signedness.Auto => true,
            Signedness.Signed => stated.Target.IsSigned || stated.Target.Bits < format.Bits,
            Signedness.Unsigned => !stated.Target.IsSigned,
        };
        if (!fits)
            throw Fail(
                at, $"signed: {(stated.Target.IsSigned ? "true" : "false")}, where '{profile}' has "
                    + $"{format.Bits} bits {(stated.Target.IsSigned ? "without a" : "with the")} "
                    + "sign");
    }

    /// <summary>
    /// The tensor. A step is a binary point where the file says so, or the profile has nothing
    /// else.
    /// </summary>
    private static QuantizedTensor Tensor(
        TensorShape shape, FakeQuantizer stated, ValueFormat format)
    {
        ConversionSpec target = stated.Target;
        TensorScale scale = stated.Scale;
        if (scale.FractionBits is null && format.Scale == ScaleKind.PowerOfTwo)
            scale = GraphTensors.Scale(scale.Step) with { ZeroPoint = scale.ZeroPoint };
        return new(
            new(shape, target.Bits, target.IsSigned, scale.Step, scale.ZeroPoint), scale,
            format with
            {
                Bits = target.Bits,
                Signedness = target.IsSigned ? Signedness.Signed : Signedness.Unsigned,
                NarrowRange = format.NarrowRange || target.Min == -target.Max,
            });
    }

    private static InputException Fail(InputError at, string why) =>
        new(at with { Message = why });
}
