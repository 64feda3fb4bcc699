using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;

namespace QSim.Silicon.Elements;

/// <summary>Which layers without multiply-accumulate units have a circuit, and which.</summary>
internal static class ElementUnits
{
    private const int MostTableBits = 12;

    /// <summary>Null where a layer has one, else why it has none.</summary>
    public static string? WhyNot(QuantizedProgram program, int layer)
    {
        ProgramLayer of = program.Layers[layer];
        return of.IsStochastic
            ? "rounding at random has a circuit in multiply-accumulate units only"
            : of switch
            {
                MaxPoolLayer or ClampLayer => null,
                AveragePoolLayer pool => PoolUnits.WhyNot(pool),
                LookupLayer table => table.Input.Bits > MostTableBits
                    ? $"a table that {table.Input.Bits} bits address (at most {MostTableBits})"
                    : null,
                AddLayer or MultiplyLayer or ConcatLayer => JoinUnits.WhyNot(program, of),
                ReshapeLayer or RearrangeLayer => "moves values: wires alone",
                SoftmaxLayer => "a softmax has no circuit here",
                _ => "has no circuit here",
            };
    }

    /// <summary>The circuit of a layer that has one.</summary>
    public static ElementUnit Of(QuantizedProgram program, int layer, string name) =>
        program.Layers[layer] switch
        {
            MaxPoolLayer pool => PoolUnits.Of(pool, name),
            AveragePoolLayer pool => PoolUnits.Of(pool, name),
            ClampLayer clamp => Of(clamp, program.Tensor(clamp.Inputs[0]), name),
            LookupLayer table => Of(table, name),
            var join => JoinUnits.Of(program, join, name),
        };

    /// <summary>A conversion that only saturates, into a tensor's type.</summary>
    public static ConversionSpec Saturate(TensorType type) => ConversionSpec.Into(
        new FixedFormat(type.Bits, 0, type.IsSigned), 0, RoundingMode.TowardNegative,
        OverflowMode.Saturate);

    private static ElementUnit Of(ClampLayer layer, TensorType input, string name)
    {
        Wire x = ElementUnit.Of("x", input), result = ElementUnit.Of("result", layer.Output);
        ModuleText module = ElementUnit.Module(
            name, $"Clamps to {layer.Min}..{layer.Max}.", [x], result);
        Wire value = new("value", x.SignedBits, true);
        module.Let(value, x.As(value.Bits));
        var spec = new Requantization
        {
            Kind = RequantizationKind.Shift,
            Output = Saturate(layer.Output),
            ClampMin = Math.Max(layer.Min, input.MinRaw - 1),
            ClampMax = Math.Min(layer.Max, input.MaxRaw + 1),
        };
        value = Activation.Write(module, spec, value, "");
        FitText.Fit(
            module, value, RoundingText.Bit(value, value.Bits - 1), "1'b0", spec.Output);
        module.Drive("inexact", "1'b0");
        return new(
            $"clamp of {x.Bits} bits", [x], result, [module],
            (inputs, flat) => [(inputs[0][flat], x.Bits)]);
    }

    /// <summary>A memory that the raw input addresses: index, entry and conversion at once.
    /// </summary>
    private static ElementUnit Of(LookupLayer layer, string name)
    {
        Wire x = ElementUnit.Of("x", layer.Input);
        Wire result = ElementUnit.Of("result", layer.Output);
        ModuleText module = ElementUnit.Module(
            name, $"A table of {1 << x.Bits} entries, converted into the output's format.", [x],
            result);
        int bits = result.Bits + 2;
        module.Line($"logic [{bits - 1}:0] entry;");
        module.Line("always_comb");
        module.Line("  case (x)");
        for (long raw = layer.Input.MinRaw; raw <= layer.Input.MaxRaw; raw++)
        {
            ConversionEvents events = ConversionEvents.None;
            long value = Conversion.Convert(
                layer.Table[layer.Index.Of(raw, layer.Table.Length)], layer.Conversion,
                ref events);
            long flags = ((events & ConversionEvents.Overflowed) != 0 ? 2 : 0)
                + ((events & ConversionEvents.Inexact) != 0 ? 1 : 0);
            string row = Wire.Literal(
                (((System.Numerics.BigInteger)value & ((1L << result.Bits) - 1)) << 2) + flags,
                bits);
            module.Line($"    {Wire.Literal(raw, x.Bits)}: entry = {row};");
        }

        module.Line($"    default: entry = {Wire.Literal(0, bits)};");
        module.Line("  endcase");
        module.Drive("result", $"entry[{bits - 1}:2]");
        module.Drive("overflowed", "entry[1]");
        module.Drive("inexact", "entry[0]");
        return new(
            $"table of {1 << x.Bits} x {result.Bits} bits", [x], result, [module],
            (inputs, flat) => [(inputs[0][flat], x.Bits)]);
    }
}
