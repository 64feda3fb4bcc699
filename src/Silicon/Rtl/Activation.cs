using System.Numerics;
using QSim.Kernels.Datapath;

namespace QSim.Silicon.Rtl;

/// <summary>Zero point and fused activation of a requantization.</summary>
internal static class Activation
{
    /// <summary>Writes both, as wide as they need.</summary>
    public static Wire Write(
        ModuleText module, in Requantization spec, Wire value, string prefix)
    {
        if (spec.ZeroPoint != 0)
        {
            int bits = Math.Max(
                value.Bits, (int)new BigInteger(spec.ZeroPoint).GetBitLength() + 1) + 1;
            Wire moved = new($"{prefix}moved", bits, true);
            module.Let(
                moved, $"{value.As(bits)} + {Wire.SignedLiteral(spec.ZeroPoint, bits)}");
            value = moved;
        }

        value = Clamp(module, value, "<", spec.ClampMin, $"{prefix}raised");
        return Clamp(module, value, ">", spec.ClampMax, $"{prefix}lowered");
    }

    private static Wire Clamp(
        ModuleText module, Wire value, string comparison, long end, string name)
    {
        if (end is long.MinValue or long.MaxValue) return value;
        int bits = Math.Max(value.Bits, (int)new BigInteger(end).GetBitLength() + 1);
        Wire wide = new($"{name}_from", bits, true), clamped = new(name, bits, true);
        module.Let(wide, value.As(bits));
        string literal = Wire.SignedLiteral(end, bits);
        module.Let(clamped, $"{wide.Name} {comparison} {literal} ? {literal} : {wide.Name}");
        return clamped;
    }
}
