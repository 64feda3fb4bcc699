using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;

namespace QSim.Silicon.Elements;

/// <summary>Which layers without multiply-accumulate units have a circuit, and which.</summary>
internal static class ElementUnits
{
    /// <summary>Null where a layer has one, else why it has none.</summary>
    public static string? WhyNot(QuantizedProgram program, int layer)
    {
        ProgramLayer of = program.Layers[layer];
        return of.IsStochastic
            ? "rounding at random has a circuit in multiply-accumulate units only"
            : of switch
            {
                MaxPoolLayer or ClampLayer => null,
                AveragePoolLayer pool => AverageUnits.WhyNot(pool),
                LookupLayer table => TableUnits.WhyNot(table),
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
            AveragePoolLayer pool => AverageUnits.Of(pool, name),
            ClampLayer clamp => Of(clamp, program.Tensor(clamp.Inputs[0]), name),
            LookupLayer table => TableUnits.Of(table, name),
            var join => JoinUnits.Of(program, join, name),
        };

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
            Output = ElementUnit.Saturate(layer.Output),
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
}
