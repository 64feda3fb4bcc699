using System.Numerics;
using QSim.Kernels.Datapath;

namespace QSim.Silicon.Rtl;

/// <summary>Zero point and fused activation of a requantization.</summary>
internal static class Activation
{
    /// <summary>Writes both, as wide as they need.</summary>
    /// <param name="module">Where to.</param>
    /// <param name="spec">What to do.</param>
    /// <param name="value">To what, two's complement.</param>
    /// <param name="prefix">Before the names of all wires written.</param>
    public static Wire Write(
        ModuleText module, in Requantization spec, Wire value, string prefix)
    {
        if (spec.ZeroPoint != 0)
        {
            int bits = Math.Max(
                value.Bits, (int)new BigInteger(spec.ZeroPoint).GetBitLength() + 1) + 1;
            Wire zero = Constant(prefix, "ZERO_POINT", bits);
            module.Constant(zero, spec.ZeroPoint);
            Wire moved = new($"{prefix}moved", bits, true);
            module.Let(moved, $"{value.As(bits)} + {zero.Name}");
            value = moved;
        }

        value = Clamp(module, value, "<", spec.ClampMin, prefix, "CLAMP_MIN");
        return Clamp(module, value, ">", spec.ClampMax, prefix, "CLAMP_MAX");
    }

    private static Wire Clamp(
        ModuleText module, Wire value, string comparison, long end, string prefix, string name)
    {
        if (end is long.MinValue or long.MaxValue) return value;
        int bits = Math.Max(value.Bits, (int)new BigInteger(end).GetBitLength() + 1);
        Wire limit = Constant(prefix, name, bits);
        module.Constant(limit, end);
        string clamped = prefix + (comparison == "<" ? "raised" : "lowered");
        Wire wide = value;
        if (value.Bits < bits)
        {
            wide = new($"{clamped}_from", bits, true);
            module.Let(wide, value.As(bits));
        }

        module.Let(
            new Wire(clamped, bits, true),
            $"{wide.Name} {comparison} {limit.Name} ? {limit.Name} : {wide.Name}");
        return new(clamped, bits, true);
    }

    private static Wire Constant(string prefix, string name, int bits) =>
        new(prefix.ToUpperInvariant() + name, bits, true);
}
