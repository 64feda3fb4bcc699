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
        (InputScaling[] scalings, Requantization[] requantizations) = Of(layer);
        return layer is AddLayer { Real.IsUsed: not 0 }
                ? "a sum in float32 (residual_add: float32) has no circuit here"
            : scalings.Any(s => s.Real.IsUsed != 0 && Moved(s.Real) is null)
                ? "a float32 scale into a range that no format has"
            : layer.Widths(inputs).Select(w => w.Bits).Max() is var bits && bits > MostBits
                ? $"numbers of more than {MostBits} bits"
            : requantizations.Select(r => ElementRequantize.WhyNot(layer, r, bits))
                .FirstOrDefault(r => r is not null);
    }

    /// <summary>The circuit.</summary>
    public static ElementUnit Of(QuantizedProgram program, ProgramLayer layer, string name)
    {
        TensorType[] types = [.. layer.Inputs.Select(program.Tensor)];
        return layer is ConcatLayer concat
            ? ConcatUnits.Of(concat, types, name)
            : Joined(layer, types, name);
    }

    private static (InputScaling[], Requantization[]) Of(ProgramLayer layer) => layer switch
    {
        AddLayer add => ([.. add.Operands], [add.Requantization]),
        MultiplyLayer product => (
            [new(product.ZeroPoints.First, 1), new(product.ZeroPoints.Second, 1)],
            [product.Requantization]),
        ConcatLayer concat => (
            [.. concat.Parts.Select(p => p.Scaling)],
            [.. concat.Parts.Select(p => p.Requantization)]),
        _ => throw UnknownLayer.Of(layer, "no circuit that joins tensors"),
    };

    private static ElementUnit Joined(ProgramLayer layer, TensorType[] types, string name)
    {
        (InputScaling[] scalings, Requantization[] requantizations) = Of(layer);
        Wire[] inputs = [.. types.Select((t, i) => ElementUnit.Of($"x{i}", t))];
        Wire result = ElementUnit.Of("result", layer.Output);
        bool adds = layer is AddLayer;
        ModuleText module = ElementUnit.Module(
            name, adds ? "The sum of tensors at a common scale." : "The product of two tensors.",
            inputs, result);
        List<ModuleText> modules = [];
        List<string> inexact = ["requantize_inexact"], overflowed = ["requantize_overflowed"];
        Wire[] terms =
        [
            .. inputs.Select((x, i) => Term(
                module, layer, x, scalings[i], name, $"x{i}_", new(modules, overflowed, inexact))),
        ];
        int bits = adds
            ? terms.Max(t => t.Bits) + BitOperations.Log2((uint)terms.Length) + 1
            : terms.Sum(t => t.Bits);
        Wire joined = new("joined", bits, true);
        module.Let(
            joined, string.Join(adds ? " + " : " * ", terms.Select(t => t.As(joined.Bits))));
        module.Line("logic requantize_overflowed;");
        modules.AddRange(ElementRequantize.Write(
            module, layer, requantizations[0], joined, name,
            new("result", "requantize_overflowed")));
        module.Drive("overflowed", string.Join(" || ", overflowed));
        module.Drive("inexact", string.Join(" || ", inexact));
        return new(
            $"{(adds ? "sum" : "product")} of {string.Join(" and ", inputs.Select(i => i.Bits))} "
                + "bits",
            inputs, result, [.. modules, module],
            (tensors, flat) => inputs.Select((x, i) => (tensors[i][flat], x.Bits)));
    }

    /// <summary>What terms add to: modules that they use, and flags.</summary>
    internal sealed record Parts(
        List<ModuleText> Modules, List<string> Overflowed, List<string> Inexact);

    /// <summary>An input at the common scale.</summary>
    public static Wire Term(
        ModuleText module, ProgramLayer layer, Wire x, InputScaling scaling, string name,
        string prefix, Parts parts)
    {
        if (scaling.Real.IsUsed == 0) return Term(module, x, scaling, prefix, parts.Inexact);
        parts.Overflowed.Add($"{prefix}overflowed");
        parts.Inexact.Add($"{prefix}inexact");
        return Moved(module, layer, x, scaling, $"{name}_{prefix.TrimEnd('_')}", prefix, parts);
    }

    private static Wire Term(
        ModuleText module, Wire x, InputScaling scaling, string prefix, List<string> inexact)
    {
        Wire value = Centred(module, x, scaling, prefix);
        if (scaling.Factor != 1) value = Times(module, value, scaling.Factor, $"{prefix}scaled");
        if (scaling.Multiplier == 0) return value;
        Wire product = new($"{prefix}product", value.Bits + 32, true);
        Wire multiplier = new($"{prefix.ToUpperInvariant()}MULTIPLIER", 32, true);
        module.Constant(multiplier, scaling.Multiplier);
        module.Let(product, $"{value.As(product.Bits)} * {multiplier.As(product.Bits)}");
        Wire high = RoundingText.Round(
            module, product, 31, RoundingMode.NearestTiesTowardPositive, $"{prefix}high_");
        inexact.Add($"{prefix}high_dropped");
        if (scaling.MultiplierShift == 0) return high;
        inexact.Add($"{prefix}dropped");
        return RoundingText.Round(
            module, high, scaling.MultiplierShift, RoundingMode.NearestTiesAway, prefix);
    }

    /// <summary>An input less its zero point.</summary>
    private static Wire Centred(ModuleText module, Wire x, InputScaling scaling, string prefix)
    {
        if (scaling.ZeroPoint == 0 && x.IsSigned) return x;
        int zeroBits = (int)new BigInteger(scaling.ZeroPoint).GetBitLength() + 1;
        Wire value = new(
            $"{prefix}value",
            scaling.ZeroPoint == 0 ? x.SignedBits : Math.Max(x.SignedBits, zeroBits) + 1, true);
        Wire zero = value with { Name = $"{prefix.ToUpperInvariant()}ZERO_POINT" };
        if (scaling.ZeroPoint != 0) module.Constant(zero, scaling.ZeroPoint);
        string without = scaling.ZeroPoint == 0 ? "" : $" - {zero.Name}";
        module.Let(value, x.As(value.Bits) + without);
        return value;
    }

    /// <summary>An input scaled in float32 as it is moved in, to what a register holds.</summary>
    private static Wire Moved(
        ModuleText module, ProgramLayer layer, Wire x, InputScaling scaling, string name,
        string prefix, Parts parts)
    {
        Wire value = Centred(module, x, scaling, prefix);
        ConversionSpec register = Moved(scaling.Real)!.Value;
        Wire moved = Wire.Of($"{prefix}moved", register);
        module.Line($"{moved.Type} {moved.Name};");
        module.Line($"logic {prefix}overflowed;");
        var spec = new Requantization
        {
            Kind = RequantizationKind.Real,
            Output = register,
            RealScale = (float)Math.ScaleB(
                (double)scaling.Real.Scale.Significand, scaling.Real.Scale.Exponent),
            ClampMin = long.MinValue,
            ClampMax = long.MaxValue,
        };
        parts.Modules.AddRange(ElementRequantize.Write(
            module, layer, spec, value, name, new(moved.Name, $"{prefix}overflowed", prefix)));
        if (moved.IsSigned) return moved;
        Wire signed = new($"{prefix}term", moved.SignedBits, true);
        module.Let(signed, moved.As(signed.Bits));
        return signed;
    }

    /// <summary>The format to which a float32 scale saturates; null where none has its ends.
    /// </summary>
    private static ConversionSpec? Moved(RealScaling scaling)
    {
        int bits = (int)new BigInteger(scaling.Max).GetBitLength() + (scaling.Min < 0 ? 1 : 0);
        if (bits == 0) return null;
        var format = new FixedFormat(bits, 0, scaling.Min < 0);
        return (format.MinRaw, format.MaxRaw) == (scaling.Min, scaling.Max)
            ? ConversionSpec.Into(
                format, 0, RoundingMode.NearestTiesToEven, OverflowMode.Saturate)
            : null;
    }

    private static Wire Times(ModuleText module, Wire value, long factor, string name)
    {
        int bits = (int)new BigInteger(factor).GetBitLength() + 1;
        Wire product = new(name, value.Bits + bits, true);
        Wire scale = new($"{name.ToUpperInvariant()}_BY", bits, true);
        module.Constant(scale, factor);
        module.Let(product, $"{value.As(product.Bits)} * {scale.As(product.Bits)}");
        return product;
    }
}
