using QSim.Kernels.Arithmetic;

namespace QSim.Silicon.Rtl;

/// <summary>
/// Dropping low bits in SystemVerilog (ARITHMETIC.md section 2): the table of rounding modes as
/// conditions on single bits.
/// </summary>
internal static class RoundingText
{
    /// <summary>
    /// Writes <c>rounded</c> and the bit <c>dropped</c>, which says that a set bit was dropped;
    /// neither where the shift is 0, and no bit where it gains some (<see cref="Dropped"/>).
    /// </summary>
    /// <param name="module">Where to.</param>
    /// <param name="value">The source, two's complement.</param>
    /// <param name="shift">Bits to drop; negative to gain bits.</param>
    /// <param name="mode">How to round.</param>
    /// <param name="prefix">Before the names of all wires written.</param>
    /// <returns>What it rounds to, as wide as exactness needs.</returns>
    public static Wire Round(
        ModuleText module, Wire value, int shift, RoundingMode mode, string prefix = "")
    {
        if (shift == 0) return value;
        Wire rounded = new($"{prefix}rounded", RoundedBits(value.Bits, shift, mode), true);
        if (shift < 0)
        {
            module.Let(rounded, $"$signed({{{value.Name}, {-shift}'d0}})");
            return rounded;
        }

        module.LetBit($"{prefix}dropped", Any(value, shift));
        string floor = value.Bits - shift <= 1
            ? Bit(value, value.Bits - 1)
            : $"{value.Name}[{value.Bits - 1}:{shift}]";
        if (mode == RoundingMode.TowardNegative)
        {
            module.Let(rounded, $"$signed({floor})");
            return rounded;
        }

        WriteConditions(module, value, shift, mode, prefix);
        module.Let(
            rounded,
            $"{rounded.Bits}'($signed({floor})) + {PlusOne(rounded.Bits, $"{prefix}adds")}");
        return rounded;
    }

    /// <summary>A bit as a number of 0 or 1, of so many bits.</summary>
    public static string PlusOne(int bits, string bit) => Wire.Extend(bit, 1, false, bits);

    /// <summary>The bit that says that something was dropped, where a shift drops any.</summary>
    public static string Dropped(int shift, string prefix = "") =>
        shift > 0 ? $"{prefix}dropped" : "1'b0";

    /// <summary>The bits that a rounded value needs.</summary>
    public static int RoundedBits(int bits, int shift, RoundingMode mode) =>
        shift <= 0 ? bits - shift
        : Math.Max(1, bits - shift) + (mode == RoundingMode.TowardNegative ? 0 : 1);

    /// <summary>
    /// The condition under which one is added to the floor, of bits named <c>negative</c>,
    /// <c>odd</c>, <c>half</c> and <c>sticky</c>.
    /// </summary>
    public static string Condition(RoundingMode mode, string prefix = "")
    {
        string negative = $"{prefix}negative", odd = $"{prefix}odd";
        string half = $"{prefix}half", sticky = $"{prefix}sticky";
        return mode switch
        {
            RoundingMode.TowardNegative => "1'b0",
            RoundingMode.TowardZero => $"{negative} && ({half} || {sticky})",
            RoundingMode.TowardPositive => $"{half} || {sticky}",
            RoundingMode.NearestTiesTowardPositive => half,
            RoundingMode.NearestTiesTowardNegative => $"{half} && {sticky}",
            RoundingMode.NearestTiesTowardZero => $"{half} && ({negative} || {sticky})",
            RoundingMode.NearestTiesAway => $"{half} && (!{negative} || {sticky})",
            RoundingMode.NearestTiesToEven => $"{half} && ({odd} || {sticky})",
            RoundingMode.NearestTiesToOdd => $"{half} && (!{odd} || {sticky})",
            _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "no condition of bits"),
        };
    }

    /// <summary>Whether the condition looks at a bit of that name.</summary>
    public static bool Uses(RoundingMode mode, string bit) =>
        mode != RoundingMode.Stochastic && Condition(mode).Contains(bit, StringComparison.Ordinal);

    private static void WriteConditions(
        ModuleText module, Wire value, int shift, RoundingMode mode, string prefix)
    {
        if (mode == RoundingMode.Stochastic)
        {
            // One is added where the dropped bits, as a number, exceed the random ones.
            string low = shift <= value.Bits
                ? $"{value.Name}[{shift - 1}:0]"
                : $"$unsigned({value.As(shift)})";
            module.LetBit($"{prefix}adds", $"{low} > random");
            return;
        }

        if (Uses(mode, "negative")) module.LetBit($"{prefix}negative", Bit(value, value.Bits - 1));
        if (Uses(mode, "odd")) module.LetBit($"{prefix}odd", Bit(value, shift));
        module.LetBit($"{prefix}half", Bit(value, shift - 1));
        if (Uses(mode, "sticky")) module.LetBit($"{prefix}sticky", Any(value, shift - 1));
        module.LetBit($"{prefix}adds", Condition(mode, prefix));
    }

    /// <summary>A bit of a value of which all higher ones are its sign.</summary>
    public static string Bit(Wire value, int index) =>
        value.Bits == 1 ? value.Name : $"{value.Name}[{Math.Min(index, value.Bits - 1)}]";

    /// <summary>Whether any of the lowest bits is set.</summary>
    private static string Any(Wire value, int count) =>
        count <= 0 ? "1'b0"
        : count >= value.Bits ? $"|{value.Name}"
        : count == 1 ? $"{value.Name}[0]"
        : $"|{value.Name}[{count - 1}:0]";
}
