using System.Numerics;

namespace QSim.CudaDriver.Machine;

/// <summary>A relation between two numbers.</summary>
internal interface IRelation
{
    /// <summary>Whether it holds.</summary>
    static abstract bool Holds<T>(T a, T b)
        where T : INumber<T>;
}

/// <summary>
/// Comparisons, alone or joined with a predicate. Of floats, names that end in u hold for NaN.
/// </summary>
internal static class Comparisons
{
    /// <summary>Adds the rows.</summary>
    public static void Add(OperationTable table)
    {
        Signed<short>(table, "s16");
        Signed<int>(table, "s32");
        Signed<long>(table, "s64");
        Unsigned<ushort>(table, "u16");
        Unsigned<uint>(table, "u32");
        Unsigned<ulong>(table, "u64");
        Equality<uint>(table, "b32");
        Equality<ulong>(table, "b64");
        Float<float>(table, "f32");
        Float<double>(table, "f64");
    }

    private static void Signed<T>(OperationTable table, string type)
        where T : unmanaged, INumber<T>
    {
        Equality<T>(table, type);
        Order<T>(table, type);
    }

    private static void Order<T>(OperationTable table, string type)
        where T : unmanaged, INumber<T>
    {
        Rows<T, Less>(table, "lt", type);
        Rows<T, LessOrEqual>(table, "le", type);
        Rows<T, Greater>(table, "gt", type);
        Rows<T, GreaterOrEqual>(table, "ge", type);
    }

    private static void Unsigned<T>(OperationTable table, string type)
        where T : unmanaged, INumber<T>
    {
        Signed<T>(table, type);
        Rows<T, Less>(table, "lo", type);
        Rows<T, LessOrEqual>(table, "ls", type);
        Rows<T, Greater>(table, "hi", type);
        Rows<T, GreaterOrEqual>(table, "hs", type);
    }

    private static void Equality<T>(OperationTable table, string type)
        where T : unmanaged, INumber<T>
    {
        Rows<T, Equal>(table, "eq", type);
        Rows<T, NotEqual>(table, "ne", type);
    }

    private static void Float<T>(OperationTable table, string type)
        where T : unmanaged, INumber<T>
    {
        Rows<T, Equal>(table, "eq", type);
        Rows<T, Apart>(table, "ne", type);
        Order<T>(table, type);
        Rows<T, Not<Apart>>(table, "equ", type);
        Rows<T, NotEqual>(table, "neu", type);
        Rows<T, Not<GreaterOrEqual>>(table, "ltu", type);
        Rows<T, Not<Greater>>(table, "leu", type);
        Rows<T, Not<LessOrEqual>>(table, "gtu", type);
        Rows<T, Not<Less>>(table, "geu", type);
    }

    private static void Rows<T, TRelation>(OperationTable table, string name, string type)
        where T : unmanaged, INumber<T>
        where TRelation : IRelation
    {
        string operands = $"pred {type} {type}";
        table.Add($"setp.{name}.{type}", operands, static (l, i) =>
            l.Set(i.D, Holds<T, TRelation>(l, i) ? 1UL : 0));
        table.Add($"setp.{name}.and.{type}", operands + " pred", static (l, i) =>
            l.Set(i.D, Holds<T, TRelation>(l, i) & l.Get<ulong>(i.C) != 0 ? 1UL : 0));
        table.Add($"setp.{name}.or.{type}", operands + " pred", static (l, i) =>
            l.Set(i.D, Holds<T, TRelation>(l, i) | l.Get<ulong>(i.C) != 0 ? 1UL : 0));
    }

    private static bool Holds<T, TRelation>(Lane lane, Instruction i)
        where T : unmanaged, INumber<T>
        where TRelation : IRelation => TRelation.Holds(lane.Get<T>(i.A), lane.Get<T>(i.B));

    private readonly struct Equal : IRelation
    {
        public static bool Holds<T>(T a, T b)
            where T : INumber<T> => a == b;
    }

    private readonly struct NotEqual : IRelation
    {
        public static bool Holds<T>(T a, T b)
            where T : INumber<T> => a != b;
    }

    private readonly struct Apart : IRelation
    {
        public static bool Holds<T>(T a, T b)
            where T : INumber<T> => a < b || a > b;
    }

    private readonly struct Less : IRelation
    {
        public static bool Holds<T>(T a, T b)
            where T : INumber<T> => a < b;
    }

    private readonly struct LessOrEqual : IRelation
    {
        public static bool Holds<T>(T a, T b)
            where T : INumber<T> => a <= b;
    }

    private readonly struct Greater : IRelation
    {
        public static bool Holds<T>(T a, T b)
            where T : INumber<T> => a > b;
    }

    private readonly struct GreaterOrEqual : IRelation
    {
        public static bool Holds<T>(T a, T b)
            where T : INumber<T> => a >= b;
    }

    private readonly struct Not<TRelation> : IRelation
        where TRelation : IRelation
    {
        public static bool Holds<T>(T a, T b)
            where T : INumber<T> => !TRelation.Holds(a, b);
    }
}
