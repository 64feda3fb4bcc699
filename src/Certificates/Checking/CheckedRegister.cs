using QSim.Kernels.Arithmetic;

namespace QSim.Certificates.Checking;

/// <summary>
/// A register that sums pass through, over a box: where it ends, and how far that may be from the
/// sum without limits.
/// </summary>
/// <remarks>
/// Inputs are independent of each other in the box, and each update rises with what is added: the
/// least register is that of the least terms. A register that clamps is never above the sum so far
/// by more than the deepest that a sum before has been below its least value: each clamp from below
/// lifts it to that value, and the other clamp only lowers it. Likewise from above.
/// </remarks>
internal struct CheckedRegister
{
    private readonly ConversionSpec? _spec;
    private readonly Int128 _least, _most;
    private Int128 _low, _high, _freeLow, _freeHigh, _deepest, _highest;

    /// <param name="spec">The register; null for a sum without one.</param>
    /// <param name="start">What it starts from.</param>
    public CheckedRegister(ConversionSpec? spec, Int128 start)
    {
        _spec = spec;
        (_least, _most) = spec is { } s ? (Overflow.LowestKept(s), s.Max) : (0, 0);
        _low = _high = _freeLow = _freeHigh = _deepest = _highest = start;
    }

    /// <summary>One update by a sum of terms.</summary>
    public void Add(Int128 low, Int128 high)
    {
        (_freeLow, _freeHigh) = (_freeLow + low, _freeHigh + high);
        (_deepest, _highest) = (
            Int128.Min(_deepest, _freeLow), Int128.Max(_highest, _freeHigh));
        if (_spec is null) return;
        (_low, _high) = (
            Int128.Clamp(_low + low, _least, _most), Int128.Clamp(_high + high, _least, _most));
    }

    /// <summary>Whether the register keeps every sum on the way.</summary>
    public readonly bool Holds => _spec is null || (_deepest >= _least && _highest <= _most);

    /// <summary>
    /// What there is to say; null where it may overflow in a way that nobody follows.
    /// </summary>
    public readonly CheckedArgument? Result() =>
        Holds || Wraps(_spec!.Value) ? new CheckedArgument(_freeLow, _freeHigh)
        : _spec.Value.Overflow is OverflowMode.Saturate or OverflowMode.SaturateSymmetric
        ? new CheckedArgument(
            _low, _high, Down: checked((long)Int128.Max(0, _highest - _most)),
            Up: checked((long)Int128.Max(0, _least - _deepest)))
        : null;

    /// <summary>
    /// Whether a register is the sum modulo 2^bits, whatever happened on the way.
    /// </summary>
    public static bool Wraps(in ConversionSpec spec) =>
        spec is { Overflow: OverflowMode.Wrap, SaturationBits: 0 };
}
