using QSim.CudaDriver.Ptx;

namespace QSim.CudaDriver.Machine;

/// <summary>
/// <c>cvt</c>, made when first met: integers wrap, floats that become integers stop at the ends.
/// Signed results fill their register with their sign, however much wider it is.
/// </summary>
internal static class Conversions
{
    /// <summary>By the instruction's name; null where it is none of these.</summary>
    public static Operation? Find(string name)
    {
        string[] parts = name.Split('.');
        if (parts.Length is not (3 or 4) || parts[0] != "cvt") return null;
        if (PtxType.Find(parts[^2]) is not { } to || PtxType.Find(parts[^1]) is not { } from)
            return null;
        string rounding = parts.Length == 4 ? parts[1] : "";
        return Step(to, from, rounding) is { } step ? new(step, [to, from]) : null;
    }

    private static Step? Step(PtxType to, PtxType from, string rounding)
    {
        bool toFloat = to.Kind == 'f', fromFloat = from.Kind == 'f';
        if (!toFloat && !fromFloat)
            return rounding == "" ? (l, i) => Put(l, i, Whole(l, i, from), to) : null;
        if (!fromFloat) return rounding == "rn" ? FromInteger(to, from) : null;
        if (Rounding(rounding) is not { } round) return null;
        bool isInteger = rounding.EndsWith('i');
        if (!toFloat)
            return isInteger
                ? (l, i) => Put(l, i, Stopped(round(Real(l, i, from)), to, from), to)
                : null;
        bool isExact = to.Bytes > from.Bytes;
        if (isExact ? rounding != "" : !isInteger && rounding != "rn") return null;
        return to.Bytes == 8
            ? (l, i) => l.Set(i.D, round(Real(l, i, from)))
            : (l, i) => FloatOperations.Put(l, i, (float)round(Real(l, i, from)));
    }

    private static Step FromInteger(PtxType to, PtxType from) => (to.Bytes, from) switch
    {
        (4, { Kind: 'u', Bytes: 8 }) => static (l, i) => l.Set(i.D, (float)l.Get<ulong>(i.A)),
        (8, { Kind: 'u', Bytes: 8 }) => static (l, i) => l.Set(i.D, (double)l.Get<ulong>(i.A)),
        (4, _) => (l, i) => l.Set(i.D, (float)Whole(l, i, from)),
        _ => (l, i) => l.Set(i.D, (double)Whole(l, i, from)),
    };

    private static Func<double, double>? Rounding(string name) => name switch
    {
        "" or "rn" => static x => x,
        "rzi" => Math.Truncate,
        "rmi" => Math.Floor,
        "rpi" => Math.Ceiling,
        "rni" => static x => Math.Round(x, MidpointRounding.ToEven),
        _ => null,
    };

    private static long Whole(Lane l, Instruction i, PtxType type) => (type.Kind, type.Bytes) switch
    {
        ('s', 1) => l.Get<sbyte>(i.A),
        ('s', 2) => l.Get<short>(i.A),
        ('s', 4) => l.Get<int>(i.A),
        (_, 1) => l.Get<byte>(i.A),
        (_, 2) => l.Get<ushort>(i.A),
        (_, 4) => l.Get<uint>(i.A),
        _ => l.Get<long>(i.A),
    };

    private static double Real(Lane l, Instruction i, PtxType type) =>
        type.Bytes == 4 ? l.Get<float>(i.A) : l.Get<double>(i.A);

    private static void Put(Lane lane, Instruction i, long value, PtxType type)
    {
        int above = 64 - (type.Bytes * 8), unused = 64 - (i.Bytes * 8);
        ulong bits = type.Kind == 's'
            ? (ulong)(value << above >> above)
            : (ulong)value << above >> above;
        lane.Set(i.D, bits << unused >> unused);
    }

    /// <summary>NaN is 0 only where neither side has 64 bits, else the highest bit.</summary>
    private static long Stopped(double value, PtxType type, PtxType from)
    {
        if (double.IsNaN(value))
            return type.Bytes == 8 || from.Bytes == 8 ? 1L << ((type.Bytes * 8) - 1) : 0;
        int bits = (type.Bytes * 8) - (type.Kind == 's' ? 1 : 0);
        if (value >= Math.ScaleB(1, bits))
            return bits >= 63 ? (type.Kind == 's' ? long.MaxValue : -1) : (1L << bits) - 1;
        if (type.Kind != 's') return value <= 0 ? 0 : (long)(ulong)value;
        return value <= -Math.ScaleB(1, bits) ? -1L << bits : (long)value;
    }
}
