using System.Numerics;
using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;

namespace QSim.Silicon.Elements;

/// <summary>
/// Circuits of concatenations: a value's conversion, as the tensor that it is of has it.
/// </summary>
internal static class ConcatUnits
{
    /// <summary>The circuit.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="types">What it reads.</param>
    /// <param name="name">What its modules' names begin with.</param>
    public static ElementUnit Of(ConcatLayer layer, TensorType[] types, string name)
    {
        int partBits = Math.Max(1, BitOperations.Log2((uint)Math.Max(1, types.Length - 1)) + 1);
        bool areAlike = types.All(t => t.HasRangeOf(types[0]));
        Wire x = areAlike
            ? ElementUnit.Of("x", types[0])
            : new("x", types.Max(t => t.Bits), false, IsVector: true);
        Wire part = new("part", partBits, false);
        Wire[] inputs = types.Length > 1 ? [part, x] : [x];
        Wire result = ElementUnit.Of("result", layer.Output);
        ModuleText module = ElementUnit.Module(
            name,
            types.Length > 1
                ? "Tensors one after the other: part says which one a value is of."
                : "A tensor's conversion.",
            inputs, result);
        List<ModuleText> modules = [];
        List<string> overflowed = [], inexact = [], results = [];
        for (int i = 0; i < types.Length; i++)
        {
            List<string> flags = [$"part{i}_inexact"], tooLarge = [$"part{i}_overflowed"];
            Wire own = areAlike ? x : ElementUnit.Of($"x{i}", types[i]);
            if (!areAlike) module.Let(own, Low(x, own));
            Wire scaled = JoinUnits.Term(
                module, layer, own, layer.Parts[i].Scaling, name, $"x{i}_",
                new(modules, tooLarge, flags));
            module.Line($"{result.Type} part{i}_result;");
            module.Line($"logic part{i}_overflowed;");
            modules.AddRange(ElementRequantize.Write(
                module, layer, layer.Parts[i].Requantization, scaled, $"{name}_part{i}",
                new($"part{i}_result", $"part{i}_overflowed", $"part{i}_")));
            string isPart = i == types.Length - 1
                ? ""
                : $"part == {Wire.Literal(i, partBits)} ? ";
            results.Add($"{isPart}part{i}_result");
            overflowed.Add($"{isPart}({string.Join(" || ", tooLarge)})");
            inexact.Add($"{isPart}({string.Join(" || ", flags)})");
        }

        module.Drive("result", string.Join(" : ", results));
        module.Drive("overflowed", string.Join(" : ", overflowed));
        module.Drive("inexact", string.Join(" : ", inexact));
        int[] ends = [.. types.Select((_, i) => types.Take(i + 1).Sum(t => t.Shape.Length))];
        return new(
            $"conversion of {types.Length} tensors of "
                + string.Join(" and ", types.Select(t => t.Bits).Distinct()) + " bits",
            inputs, result, [.. modules, module],
            (tensors, flat) =>
            {
                int of = Array.FindIndex(ends, e => flat < e);
                (long, int) value = (tensors[of][flat - (of == 0 ? 0 : ends[of - 1])], x.Bits);
                return types.Length > 1 ? [(of, partBits), value] : [value];
            });
    }

    /// <summary>The low bits of a port that takes tensors of several widths.</summary>
    private static string Low(Wire x, Wire own)
    {
        string bits = own.Bits == 1 ? $"{x.Name}[0]" : $"{x.Name}[{own.Bits - 1}:0]";
        return own.IsSigned ? $"$signed({bits})" : bits;
    }
}
