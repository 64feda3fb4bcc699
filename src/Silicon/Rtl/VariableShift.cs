using QSim.Kernels.Arithmetic;

namespace QSim.Silicon.Rtl;

/// <summary>Dropping as many low bits as a port says, where channels differ in that.</summary>
internal static class VariableShift
{
    /// <summary>
    /// Rounds away as many bits as a port says: <c>mask</c> has them, <c>below</c> those under the
    /// highest of them.
    /// </summary>
    public static Wire Round(
        ModuleText module, Wire value, string port, int most, RoundingMode mode)
    {
        // As wide as the farthest shift, so that the highest dropped bit is always there.
        Wire wide = value;
        if (value.Bits <= most)
        {
            wide = value with { Name = "wide", Bits = most + 1 };
            module.Let(wide, value.As(wide.Bits));
        }

        Wire mask = new("mask", wide.Bits, false), below = new("below", wide.Bits, false);
        module.Let(mask, $"~({{{wide.Bits}{{1'b1}}}} << {port})");
        module.LetBit("dropped", $"|({wide.Name} & {mask.Name})");
        Wire floor = new("floor", wide.Bits, true);
        module.Let(floor, $"{wide.Name} >>> {port}");
        Wire rounded = new("rounded", wide.Bits + 1, true);
        if (mode == RoundingMode.TowardNegative)
        {
            module.Let(rounded, floor.As(rounded.Bits));
            return rounded;
        }

        module.Let(below, $"{mask.Name} >> 1");
        if (RoundingText.Uses(mode, "negative"))
            module.LetBit("negative", RoundingText.Bit(wide, wide.Bits - 1));
        if (RoundingText.Uses(mode, "odd")) module.LetBit("odd", "floor[0]");
        module.LetBit("half", $"|({wide.Name} & (mask ^ below))");
        if (RoundingText.Uses(mode, "sticky")) module.LetBit("sticky", $"|({wide.Name} & below)");
        module.LetBit("adds", RoundingText.Condition(mode));
        module.Let(
            rounded,
            $"{floor.As(rounded.Bits)} + {RoundingText.PlusOne(rounded.Bits, "adds")}");
        return rounded;
    }
}
