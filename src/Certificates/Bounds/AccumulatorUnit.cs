using QSim.Certificates.Functions;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>
/// How products become an accumulator: what <see cref="MacSpec"/> says, or a plain sum with or
/// without a register for an average.
/// </summary>
internal sealed class AccumulatorUnit
{
    private readonly ConvertFunction? _product;
    private readonly ConvertFunction? _update;
    private readonly ConversionSpec _spec;
    private readonly Interval _kept;
    private readonly int _productShift;
    private bool _isMac;

    private AccumulatorUnit(
        ConversionSpec? product, ConversionSpec? update, int accumulatorAlign, int partialAlign)
    {
        _product = product is { } p ? new(p) : null;
        _update = update is { } u ? new(u) : null;
        _spec = update ?? default;
        _kept = new(Overflow.LowestKept(_spec), _spec.Max);
        _productShift = product?.Shift ?? 0;
        (AccumulatorAlign, PartialAlign) = (accumulatorAlign, partialAlign);
    }

    /// <summary>Left shift of the accumulator before an update.</summary>
    public int AccumulatorAlign { get; }

    /// <summary>Left shift of a partial sum before an update.</summary>
    public int PartialAlign { get; }

    /// <summary>Products per update.</summary>
    public required int Lanes { get; init; }

    /// <summary>Whether the accumulator starts from the bias.</summary>
    public required bool StartsFromBias { get; init; }

    /// <summary>Whether there is one update, of everything, the bias aligned with it.</summary>
    public required bool AtEnd { get; init; }

    /// <summary>Whether products are converted.</summary>
    public bool ConvertsProducts => _product is not null;

    /// <summary>Whether the accumulator is a register that every update is fitted into.</summary>
    public bool HasRegister => _update is not null;

    /// <summary>
    /// Whether an update adds to the accumulator what does not depend on it, rounding aside: then
    /// the sum without limits is an exact linear form, give or take a step for each update.
    /// </summary>
    public bool IsLinear => !HasRegister || _spec.Shift == AccumulatorAlign;

    /// <summary>Whether updates drop bits of partial sums.</summary>
    public bool Rounds => HasRegister && _spec.Shift > PartialAlign;

    /// <summary>Steps of the accumulator for a step of an exact product.</summary>
    public double Scale => Math.ScaleB(
        1, PartialAlign - (HasRegister ? _spec.Shift : 0) - _productShift);

    /// <summary>Steps of the accumulator by which rounding moves one product.</summary>
    public double ProductSlack =>
        _productShift > 0 ? Math.ScaleB(1, PartialAlign - (HasRegister ? _spec.Shift : 0)) : 0;

    /// <summary>Whether overflow clamps.</summary>
    public bool Saturates => ScalarFunction.Saturates(_spec);

    /// <summary>Whether overflow is arithmetic modulo 2^bits, on the way as well.</summary>
    public bool IsModular =>
        _spec is { Overflow: OverflowMode.Wrap, SaturationBits: 0 }
        && (!Rounds || Rounding.CommutesWithWholeSteps(_spec.Rounding));

    /// <summary>
    /// Whether a layer's register is the exact sum, wrapped once: overflow is modular, nothing is
    /// rounded, and sums have room beside the register.
    /// </summary>
    public bool WrapsPlainly =>
        _isMac && IsModular && IsLinear && !Rounds && Bits <= 48;

    /// <summary>Width of the register.</summary>
    public int Bits => _spec.Bits;

    /// <summary>What the register keeps as it is.</summary>
    public Interval Kept => _kept;

    /// <summary>Whatever the register can hold.</summary>
    public Interval Whole => new(_spec.Min, _spec.Max);

    /// <summary>The unit of a layer.</summary>
    public static AccumulatorUnit Of(MacLayer layer)
    {
        MacSpec mac = layer.Mac;
        return new(
            mac.ProductStage == ProductStage.Converted ? mac.Product : null, mac.Update,
            mac.AccumulatorAlign, mac.PartialAlign)
        {
            _isMac = true,
            Lanes = layer.Facts.Lanes,
            StartsFromBias = layer.Facts.StartsFromBias,
            AtEnd = mac.When == AccumulatorUpdate.End,
        };
    }

    /// <summary>The sum of a window.</summary>
    public static AccumulatorUnit Of(AverageUnit unit) =>
        new(null, unit.HasRegister != 0 ? unit.Register : null, 0, 0)
        {
            Lanes = 1,
            StartsFromBias = true,
            AtEnd = false,
        };

    /// <summary>A product after its conversion.</summary>
    public Interval Product(Interval exact, ref bool isLoose) =>
        _product is null ? exact : _product.Range(exact, ref isLoose);

    /// <summary>Whether no value of a product is changed but by rounding.</summary>
    public bool KeepsProduct(Interval exact)
    {
        if (_product is null) return true;
        var events = ConversionEvents.None;
        _product.Apply(exact.Low, ref events);
        _product.Apply(exact.High, ref events);
        return (events & ConversionEvents.Overflowed) == 0;
    }

    /// <summary>The accumulator after an update.</summary>
    /// <param name="accumulator">Before.</param>
    /// <param name="aligned">What is added, at the common binary point.</param>
    /// <param name="isLoose">Set where any value of the register had to be taken.</param>
    public Interval Update(Interval accumulator, Interval aligned, ref bool isLoose)
    {
        Interval sum = new(
            (accumulator.Low << AccumulatorAlign) + aligned.Low,
            (accumulator.High << AccumulatorAlign) + aligned.High);
        return IsAsItIs(sum) ? sum : _update!.Range(sum, ref isLoose);
    }

    /// <summary>Whether no sum of an interval is rounded or leaves the register.</summary>
    private bool IsAsItIs(Interval sum) =>
        !HasRegister || (_spec.Shift == 0 && sum.Low >= _kept.Low && sum.High <= _kept.High);

    /// <summary>What an update adds at most and at least, in steps of the accumulator.</summary>
    public Interval Step(Interval aligned)
    {
        int shift = HasRegister ? _spec.Shift : 0;
        if (shift <= 0) return new(aligned.Low << -shift, aligned.High << -shift);
        return new(
            Rounding.Floor(aligned.Low, shift),
            Rounding.ShiftRight(aligned.High, shift, RoundingMode.TowardPositive));
    }
}
