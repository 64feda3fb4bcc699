using System.Numerics;

namespace QSim.CudaDriver.Machine;

/// <summary>Moves, selections, logic and shifts.</summary>
internal static class BitOperations
{
    /// <summary>Adds the rows.</summary>
    public static void Add(OperationTable table)
    {
        Rows<ushort>(table, "16");
        Rows<uint>(table, "32");
        Rows<ulong>(table, "64");
        RightShift<short>(table, "s16");
        RightShift<ushort>(table, "u16");
        RightShift<int>(table, "s32");
        RightShift<uint>(table, "u32");
        RightShift<long>(table, "s64");
        RightShift<ulong>(table, "u64");
        Logic<ulong>(table, "pred");
        table.Add("not.pred", "pred pred", static (l, i) =>
            l.Set(i.D, l.Get<ulong>(i.A) ^ 1));
        table.Add("mov.pred", "pred pred", Move<ulong>());
        table.Add("mov.s32", "s32 s32", Move<uint>());
        table.Add("mov.u32", "u32 u32", Move<uint>());
        table.Add("mov.u64", "u64 u64", Move<ulong>());
        table.Add("mov.f32", "f32 f32", Move<uint>());
        table.Add("mov.f64", "f64 f64", Move<ulong>());
        table.Add("selp.f32", "f32 f32 f32 pred", Select<uint>());
        table.Add("selp.f64", "f64 f64 f64 pred", Select<ulong>());
    }

    private static void Rows<T>(OperationTable table, string bits)
        where T : unmanaged, IBinaryInteger<T>
    {
        string type = $"b{bits}";
        Logic<T>(table, type);
        table.Add($"mov.{type}", $"{type} {type}", Move<T>());
        table.Add($"not.{type}", $"{type} {type}", static (l, i) => l.Set(i.D, ~l.Get<T>(i.A)));
        table.Add($"selp.{type}", $"{type} {type} {type} pred", Select<T>());
        table.Add($"shl.{type}", $"{type} {type} u32", static (l, i) =>
            l.Set(
                i.D, IsWhole<T>(l.Get<uint>(i.B))
                    ? T.Zero
                    : l.Get<T>(i.A) << (int)l.Get<uint>(i.B)));
    }

    private static void Logic<T>(OperationTable table, string type)
        where T : unmanaged, IBinaryInteger<T>
    {
        string three = $"{type} {type} {type}";
        table.Add($"and.{type}", three, static (l, i) =>
            l.Set(i.D, l.Get<T>(i.A) & l.Get<T>(i.B)));
        table.Add($"or.{type}", three, static (l, i) =>
            l.Set(i.D, l.Get<T>(i.A) | l.Get<T>(i.B)));
        table.Add($"xor.{type}", three, static (l, i) =>
            l.Set(i.D, l.Get<T>(i.A) ^ l.Get<T>(i.B)));
    }

    /// <summary>
    /// Shifts by more bits than there are leave the sign, where C# would start over.
    /// </summary>
    private static void RightShift<T>(OperationTable table, string type)
        where T : unmanaged, IBinaryInteger<T> =>
        table.Add($"shr.{type}", $"{type} {type} u32", static (l, i) =>
            l.Set(
                i.D, !IsWhole<T>(l.Get<uint>(i.B)) ? l.Get<T>(i.A) >> (int)l.Get<uint>(i.B)
                    : T.IsNegative(l.Get<T>(i.A)) ? T.Zero - T.One
                    : T.Zero));

    private static unsafe bool IsWhole<T>(uint shift)
        where T : unmanaged => shift >= sizeof(T) * 8;

    private static Step Move<T>()
        where T : unmanaged => static (l, i) => l.Set(i.D, l.Get<T>(i.A));

    private static Step Select<T>()
        where T : unmanaged => static (l, i) =>
            l.Set(i.D, l.Get<ulong>(i.C) != 0 ? l.Get<T>(i.A) : l.Get<T>(i.B));
}
