using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;

namespace QSim.Silicon.Elements;

/// <summary>
/// Circuits of layers that bring tensors together: each input to the common scale, sum or product,
/// requantization as behind an accumulator.
/// </summary>
internal static class JoinUnits
{
    private const int MostBits = 60;

    /// <summary>Null where a layer has a circuit, else why it has none.</summary>
    public static string? WhyNot(QuantizedProgram program, ProgramLayer layer)
    {
        TensorType[] inputs = [.. layer.Inputs.Select(program.Tensor)];
        (InputScaling[] scalings, Requantization[] requantizations) = Parts(layer);
        return layer is AddLayer { Real.IsUsed: not 0 } || scalings.Any(s => s.Real.IsUsed != 0)
                ? "tensors that are scaled in float32 have no circuit here"
            : requantizations.Any(r => r.Kind == RequantizationKind.RealOnce)
                ? "requantize: real_once has no circuit here"
            : layer is ConcatLayer && inputs.Any(i => !i.HasRangeOf(inputs[0]))
                ? "a concatenation of tensors of different widths has no circuit here"
            : layer.Widths(inputs).Any(w => w.Bits > MostBits)
                ? $"numbers of more than {MostBits} bits"
            : null;
    }

    /// <summary>The circuit.</summary>
    public static ElementUnit Of(QuantizedProgram program, ProgramLayer layer, string name)
    {
        TensorType[] types = [.. layer.Inputs.Select(program.Tensor)];
        return layer is ConcatLayer concat
            ? Concat(concat, types, name)
            : Joined(layer, types, name);
    }

    private static (InputScaling[], Requantization[]) Parts(ProgramLayer layer) => layer switch
    {
        AddLayer add => ([.. add.Operands], [add.Requantization]),
        MultiplyLayer product => (
            [new(product.ZeroPoints.First, 1), new(product.ZeroPoints.Second, 1)],
            [product.Requantization]),
        ConcatLayer concat => (
            [.. concat.Parts.Select(p => p.Scaling)],
            [.. concat.Parts.Select(p => p.Requantization)]),
        _ => ([], []),
    };

    private static ElementUnit Joined(ProgramLayer layer, TensorType[] types, string name)
    {
        (InputScaling[] scalings, Requantization[] requantizations) = Parts(layer);
        Wire[] inputs = [.. types.Select((t, i) => ElementUnit.Of($"x{i}", t))];
        Wire result = ElementUnit.Of("result", layer.Output);
        bool adds = layer is AddLayer;
        ModuleText module = ElementUnit.Module(
            name, adds ? "The sum of tensors at a common scale." : "The product of two tensors.",
            inputs, result);
        List<string> inexact = ["requantize_inexact"];
        Wire[] terms =
        [
            .. inputs.Select((x, i) => Term(module, x, scalings[i], $"x{i}_", inexact)),
        ];
        int bits = adds
            ? terms.Max(t => t.Bits) + BitOperations.Log2((uint)terms.Length) + 1
            : terms.Sum(t => t.Bits);
        Wire joined = new("joined", bits, true);
        module.Let(
            joined, string.Join(adds ? " + " : " * ", terms.Select(t => t.As(joined.Bits))));
        List<ModuleText> modules =
            [.. Requantize(module, layer, requantizations[0], joined, name, "result", "")];
        module.Drive("inexact", string.Join(" || ", inexact));
        return new(
            $"{(adds ? "sum" : "product")} of {string.Join(" and ", inputs.Select(i => i.Bits))} "
                + "bits",
            inputs, result, [.. modules, module],
            (tensors, flat) => inputs.Select((x, i) => (tensors[i][flat], x.Bits)));
    }

    private static ElementUnit Concat(ConcatLayer layer, TensorType[] types, string name)
    {
        int partBits = Math.Max(1, BitOperations.Log2((uint)Math.Max(1, types.Length - 1)) + 1);
        Wire x = ElementUnit.Of("x", types[0]), part = new("part", partBits, false);
        Wire result = ElementUnit.Of("result", layer.Output);
        ModuleText module = ElementUnit.Module(
            name, "Tensors one after the other: part says which one a value is of.", [part, x],
            result);
        List<ModuleText> modules = [];
        List<string> overflowed = [], inexact = [], results = [];
        for (int i = 0; i < types.Length; i++)
        {
            List<string> flags = [$"part{i}_inexact"];
            Wire scaled = Term(module, x, layer.Parts[i].Scaling, $"x{i}_", flags);
            module.Line($"{result.Type} part{i}_result;");
            module.Line($"logic part{i}_overflowed;");
            modules.AddRange(Requantize(
                module, layer, layer.Parts[i].Requantization, scaled, $"{name}_part{i}",
                $"part{i}_result", $"part{i}_"));
            string isPart = i == types.Length - 1
                ? ""
                : $"part == {Wire.Literal(i, partBits)} ? ";
            results.Add($"{isPart}part{i}_result");
            overflowed.Add($"{isPart}part{i}_overflowed");
            inexact.Add($"{isPart}({string.Join(" || ", flags)})");
        }

        module.Drive("result", string.Join(" : ", results));
        module.Drive("overflowed", string.Join(" : ", overflowed));
        module.Drive("inexact", string.Join(" : ", inexact));
        int[] ends = [.. types.Select((_, i) => types.Take(i + 1).Sum(t => t.Shape.Length))];
        return new(
            $"conversion of {types.Length} tensors of {x.Bits} bits", [part, x], result,
            [.. modules, module],
            (tensors, flat) =>
            {
                int of = Array.FindIndex(ends, e => flat < e);
                int first = of == 0 ? 0 : ends[of - 1];
                return [(of, partBits), (tensors[of][flat - first], x.Bits)];
            });
    }

    /// <summary>An input at the common scale.</summary>
    private static Wire Term(
        ModuleText module, Wire x, InputScaling scaling, string prefix, List<string> inexact)
    {
        int zeroBits = (int)new BigInteger(scaling.ZeroPoint).GetBitLength() + 1;
        Wire value = new(
            $"{prefix}value",
            scaling.ZeroPoint == 0 ? x.SignedBits : Math.Max(x.SignedBits, zeroBits) + 1, true);
        module.Let(
            value,
            scaling.ZeroPoint == 0
                ? x.As(value.Bits)
                : $"{x.As(value.Bits)} - "
                    + Wire.SignedLiteral(scaling.ZeroPoint, value.Bits));
        if (scaling.Factor != 1) value = Times(module, value, scaling.Factor, $"{prefix}scaled");
        if (scaling.Multiplier == 0) return value;
        Wire product = new($"{prefix}product", value.Bits + 32, true);
        module.Let(
            product,
            $"{value.As(product.Bits)} * "
                + Wire.SignedLiteral(scaling.Multiplier, product.Bits));
        Wire high = RoundingText.Round(
            module, product, 31, RoundingMode.NearestTiesTowardPositive, $"{prefix}high_");
        inexact.Add($"{prefix}high_dropped");
        if (scaling.MultiplierShift == 0) return high;
        inexact.Add($"{prefix}dropped");
        return RoundingText.Round(
            module, high, scaling.MultiplierShift, RoundingMode.NearestTiesAway, prefix);
    }

    private static Wire Times(ModuleText module, Wire value, long factor, string name)
    {
        Wire product = new(
            name, value.Bits + (int)new BigInteger(factor).GetBitLength() + 1, true);
        module.Let(
            product,
            $"{value.As(product.Bits)} * {Wire.SignedLiteral(factor, product.Bits)}");
        return product;
    }

    /// <summary>A requantization as a module, and its instance.</summary>
    private static IEnumerable<ModuleText> Requantize(
        ModuleText module, ProgramLayer layer, Requantization spec, Wire value, string name,
        string result, string prefix)
    {
        string inexact = prefix.Length == 0 ? "requantize_inexact" : $"{prefix}inexact";
        module.Line($"logic {inexact};");
        module.Line($"{name}_requantize {prefix}requantize (");
        module.Line($"  .accumulator({value.Name}), .result({result}),");
        module.Line($"  .overflowed({prefix}overflowed), .inexact({inexact})");
        module.Line(");");
        return RequantizeModule.Of(AsUnit(layer, spec, value.Bits), name);
    }

    /// <summary>A unit of one channel whose accumulator is what is to be requantized.</summary>
    private static MacLayer AsUnit(ProgramLayer layer, Requantization spec, int bits) => new(
        layer.Name, layer.Inputs, layer.Output, layer.Output, new WindowGeometry(), [], 1, true,
        [0],
        new MacSpec
        {
            ProductStage = ProductStage.Exact,
            AccumulatorAlign = 0,
            PartialAlign = 0,
            Update = ConversionSpec.Into(
                new FixedFormat(bits, 0, true), 0, RoundingMode.TowardNegative, OverflowMode.Wrap),
            Lanes = 1,
            Order = ReductionOrder.ChannelLast,
            Interleave = 1,
            When = AccumulatorUpdate.EveryUpdate,
            Bias = BiasPosition.First,
            InputOffset = 0,
        },
        [spec]);
}
