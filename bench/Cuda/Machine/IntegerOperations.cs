using System.Numerics;

namespace QSim.CudaDriver.Machine;

/// <summary>Sums, products and quotients of integers, all of which wrap.</summary>
internal static class IntegerOperations
{
    /// <summary>Adds the rows.</summary>
    public static void Add(OperationTable table)
    {
        Rows<short>(table, "s16");
        Rows<ushort>(table, "u16");
        Rows<int>(table, "s32");
        Rows<uint>(table, "u32");
        Rows<long>(table, "s64");
        Rows<ulong>(table, "u64");
        table.Add("mul.wide.u32", "u64 u32 u32", static (l, i) =>
            l.Set(i.D, (ulong)l.Get<uint>(i.A) * l.Get<uint>(i.B)));
        table.Add("mul.wide.s32", "s64 s32 s32", static (l, i) =>
            l.Set(i.D, (long)l.Get<int>(i.A) * l.Get<int>(i.B)));
        table.Add("dp4a.s32.s32", "s32 s32 s32 s32", static (l, i) => l.Set(
            i.D, l.Get<int>(i.C) + Dot<sbyte, sbyte>(l.Get<uint>(i.A), l.Get<uint>(i.B))));
        table.Add("dp4a.u32.s32", "s32 u32 s32 s32", static (l, i) => l.Set(
            i.D, l.Get<int>(i.C) + Dot<byte, sbyte>(l.Get<uint>(i.A), l.Get<uint>(i.B))));
        table.Add("dp4a.s32.u32", "s32 s32 u32 s32", static (l, i) => l.Set(
            i.D, l.Get<int>(i.C) + Dot<sbyte, byte>(l.Get<uint>(i.A), l.Get<uint>(i.B))));
        table.Add("dp4a.u32.u32", "u32 u32 u32 u32", static (l, i) => l.Set(
            i.D, l.Get<int>(i.C) + Dot<byte, byte>(l.Get<uint>(i.A), l.Get<uint>(i.B))));
    }

    /// <summary>The sum of the products of bytes, each read as a type.</summary>
    public static int Dot<TFirst, TSecond>(uint first, uint second)
        where TFirst : struct, INumber<TFirst>
        where TSecond : struct, INumber<TSecond>
    {
        int sum = 0;
        for (int shift = 0; shift < 32; shift += 8)
            sum += int.CreateTruncating(TFirst.CreateTruncating(first >> shift))
                * int.CreateTruncating(TSecond.CreateTruncating(second >> shift));
        return sum;
    }

    private static void Rows<T>(OperationTable table, string type)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        string two = $"{type} {type}", three = $"{two} {type}", four = $"{three} {type}";
        table.Add($"add.{type}", three, static (l, i) =>
            l.Set(i.D, l.Get<T>(i.A) + l.Get<T>(i.B)));
        table.Add($"sub.{type}", three, static (l, i) =>
            l.Set(i.D, l.Get<T>(i.A) - l.Get<T>(i.B)));
        table.Add($"mul.lo.{type}", three, static (l, i) =>
            l.Set(i.D, l.Get<T>(i.A) * l.Get<T>(i.B)));
        table.Add($"mad.lo.{type}", four, static (l, i) =>
            l.Set(i.D, (l.Get<T>(i.A) * l.Get<T>(i.B)) + l.Get<T>(i.C)));
        table.Add($"div.{type}", three, static (l, i) =>
            l.Set(i.D, Quotient(l.Get<T>(i.A), l.Get<T>(i.B))));
        table.Add($"rem.{type}", three, static (l, i) =>
            l.Set(i.D, Remainder(l.Get<T>(i.A), l.Get<T>(i.B))));
        table.Add($"min.{type}", three, static (l, i) =>
            l.Set(i.D, T.Min(l.Get<T>(i.A), l.Get<T>(i.B))));
        table.Add($"max.{type}", three, static (l, i) =>
            l.Set(i.D, T.Max(l.Get<T>(i.A), l.Get<T>(i.B))));
        if (T.MinValue == T.Zero) return;
        table.Add($"neg.{type}", two, static (l, i) => l.Set(i.D, T.Zero - l.Get<T>(i.A)));
        table.Add($"abs.{type}", two, static (l, i) =>
            l.Set(i.D, T.IsNegative(l.Get<T>(i.A)) ? T.Zero - l.Get<T>(i.A) : l.Get<T>(i.A)));
    }

    /// <summary>A card gives all ones for a divisor of 0.</summary>
    private static T Quotient<T>(T a, T b)
        where T : IBinaryInteger<T> =>
        b == T.Zero ? T.Zero - T.One : T.IsNegative(b) && b + T.One == T.Zero ? T.Zero - a : a / b;

    private static T Remainder<T>(T a, T b)
        where T : IBinaryInteger<T> =>
        b == T.Zero ? a : T.IsNegative(b) && b + T.One == T.Zero ? T.Zero : a % b;
}
