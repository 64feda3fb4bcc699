using QSim.Kernels.Arithmetic;

namespace QSim.Certificates.Bounds;

/// <summary>
/// One accumulator over a box of inputs: where it ends, and how far it may be from the sum without
/// limits.
/// </summary>
/// <remarks>
/// <para>Inputs are independent of each other, products and updates monotone in each: the lowest
/// accumulator after every update is that of the lowest products, fitted on the way as they would
/// be.</para>
/// <para>With U the sum without limits, a register that clamps at its lower end alone is U plus the
/// deepest that U has been below that end (Skorokhod's reflection); one that clamps at its upper
/// end as well is no higher than that. So <c>accumulator &lt;= U + max(0, Min - lowest U)</c>, and
/// likewise from below.</para>
/// </remarks>
internal ref struct Accumulation
{
    private readonly AccumulatorUnit _unit;
    private readonly bool _tracks;
    private Interval _value;
    private Interval _free;
    private long _lowest, _highest;
    private double _rounding;
    private bool _isLoose;

    /// <param name="unit">The unit.</param>
    /// <param name="start">What the accumulator starts from.</param>
    /// <param name="tracks">
    /// Whether the sum without limits fits 64 bits, whatever the inputs.
    /// </param>
    public Accumulation(AccumulatorUnit unit, long start, bool tracks)
    {
        (_unit, _value, _free) = (unit, new(start, start), new(start, start));
        _tracks = tracks && unit.IsLinear;
        (_lowest, _highest) = (start, start);
    }

    /// <summary>One update by a sum of products.</summary>
    public void Add(Interval partial) => AddAligned(
        new(partial.Low << _unit.PartialAlign, partial.High << _unit.PartialAlign), _unit.Rounds);

    /// <summary>The one update of a unit that converts at the end, bias and all.</summary>
    public void AddAtEnd(Interval partial, long bias)
    {
        _value = new(0, 0);
        Interval aligned = new(
            (partial.Low << _unit.PartialAlign) + (bias << _unit.AccumulatorAlign),
            (partial.High << _unit.PartialAlign) + (bias << _unit.AccumulatorAlign));
        _value = _unit.Update(_value, aligned, ref _isLoose);
        if (!_tracks) return;
        Interval step = _unit.Step(aligned);
        _free = step;
        (_lowest, _highest) = (step.Low, step.High);
        if (_unit.Rounds) _rounding++;
    }

    /// <summary>A bias that comes last: one more update.</summary>
    public void AddBias(long bias)
    {
        long aligned = bias << _unit.AccumulatorAlign;
        AddAligned(new(aligned, aligned), rounds: false);
    }

    /// <summary>What there is to say of the accumulator.</summary>
    public readonly AccumulatorBounds Result()
    {
        if (!_tracks) return new(_value, false, 0, 0, 0, _isLoose);
        if (!_unit.HasRegister) return new(_free, true, _rounding, _rounding, 0, false);
        Interval kept = _unit.Kept;
        long under = Math.Max(0, kept.Low - _lowest), over = Math.Max(0, _highest - kept.High);
        if (under == 0 && over == 0)
            return new(_value.And(_free), true, _rounding, _rounding, 0, false);
        if (_unit.Saturates)
            return new(_value, true, _rounding + over, _rounding + under, 0, _isLoose);
        if (_unit.WrapsPlainly) return new(_free, true, 0, 0, 0, false);
        return _unit.IsModular && Turns() is { } turns
            ? new(
                new Interval(_free.Low - turns, _free.High - turns).And(_value), true, _rounding,
                _rounding, -turns, false)
            : new(_value, false, 0, 0, 0, _isLoose);
    }

    /// <summary>
    /// What wrapping takes from every sum alike; null where sums differ in the number of turns.
    /// </summary>
    private readonly long? Turns()
    {
        if (_unit.Bits >= 62) return null;
        long low = Rounding.Floor(_free.Low - _unit.Whole.Low, _unit.Bits);
        return low == Rounding.Floor(_free.High - _unit.Whole.Low, _unit.Bits)
            ? low << _unit.Bits
            : null;
    }

    private void AddAligned(Interval aligned, bool rounds)
    {
        _value = _unit.Update(_value, aligned, ref _isLoose);
        if (!_tracks) return;
        Interval step = _unit.Step(aligned);
        _free = new(_free.Low + step.Low, _free.High + step.High);
        _lowest = Math.Min(_lowest, _free.Low);
        _highest = Math.Max(_highest, _free.High);
        if (rounds) _rounding++;
    }
}

/// <summary>An accumulator over a box of inputs.</summary>
/// <param name="Value">
/// Where it ends; where it wraps plainly, the sum before that, of which a
/// <see cref="Functions.WrappedFunction"/> is the function.
/// </param>
/// <param name="IsLinked">
/// Whether it follows the sum without limits, U: <c>U + Turns - Down &lt;= accumulator &lt;= U +
/// Turns + Up</c>.
/// </param>
/// <param name="Down">How far below, beside what rounding of products comes to.</param>
/// <param name="Up">How far above.</param>
/// <param name="Turns">What wrapping adds, the same for every input of the box.</param>
/// <param name="IsLoose">Whether any value of the register had to be taken on the way.</param>
internal readonly record struct AccumulatorBounds(
    Interval Value, bool IsLinked, double Down, double Up, long Turns, bool IsLoose);
