using System.Numerics;

namespace QSim.CudaDriver.Machine;

/// <summary>
/// Arithmetic of floats, rounded to nearest; of 32 bits there is one NaN that it gives.
/// Approximations are not known here.
/// </summary>
internal static class FloatOperations
{
    /// <summary>Adds the rows.</summary>
    public static void Add(OperationTable table)
    {
        Rows<float>(table, "f32");
        Rows<double>(table, "f64");
    }

    private static void Rows<T>(OperationTable table, string type)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        string two = $"{type} {type}", three = $"{two} {type}";
        foreach (string rounding in new[] { "", ".rn" })
        {
            table.Add($"add{rounding}.{type}", three, static (l, i) =>
                Put(l, i, l.Get<T>(i.A) + l.Get<T>(i.B)));
            table.Add($"sub{rounding}.{type}", three, static (l, i) =>
                Put(l, i, l.Get<T>(i.A) - l.Get<T>(i.B)));
            table.Add($"mul{rounding}.{type}", three, static (l, i) =>
                Put(l, i, l.Get<T>(i.A) * l.Get<T>(i.B)));
        }

        table.Add($"div.rn.{type}", three, static (l, i) =>
            Put(l, i, l.Get<T>(i.A) / l.Get<T>(i.B)));
        table.Add($"fma.rn.{type}", $"{three} {type}", static (l, i) => Put(
            l, i, T.FusedMultiplyAdd(l.Get<T>(i.A), l.Get<T>(i.B), l.Get<T>(i.C))));
        table.Add($"min.{type}", three, static (l, i) =>
            Put(l, i, T.MinNumber(l.Get<T>(i.A), l.Get<T>(i.B))));
        table.Add($"max.{type}", three, static (l, i) =>
            Put(l, i, T.MaxNumber(l.Get<T>(i.A), l.Get<T>(i.B))));
        table.Add($"neg.{type}", two, static (l, i) => l.Set(i.D, -l.Get<T>(i.A)));
        table.Add($"abs.{type}", two, static (l, i) => l.Set(i.D, T.Abs(l.Get<T>(i.A))));
        table.Add($"sqrt.rn.{type}", two, static (l, i) =>
            Put(l, i, T.Sqrt(l.Get<T>(i.A))));
        table.Add($"rcp.rn.{type}", two, static (l, i) => Put(l, i, T.One / l.Get<T>(i.A)));
    }

    /// <summary>Writes a result; a float that is no number is the one that cards give.</summary>
    public static void Put<T>(Lane lane, Instruction i, T value)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float) && T.IsNaN(value)) lane.Set(i.D, 0x7FFFFFFFU);
        else lane.Set(i.D, value);
    }
}
