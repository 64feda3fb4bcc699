using QSim.Kernels.Backends.Simd.Mac.Output;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Elementwise;

/// <summary>Chooses the lanes of an addition.</summary>
internal static class AddPlan
{
    /// <summary>
    /// Null when values are wide, no lanes hold the intermediates, the sum or a scale is float32,
    /// or there are more operands than the loop has addresses for.
    /// </summary>
    public static Step? Prepare(AddLayer layer, StepPlace place)
    {
        Requantization[] channels = [layer.Requantization];
        if (layer.Real.IsUsed != 0 || layer.Operands.Length > AddStep<int>.MostOperands)
            return null;
        bool narrow = place.Output.IsNarrow && place.Inputs.All(i => i.IsNarrow);
        if (!narrow || OutputScaling.Of(channels) is not { } scaling) return null;
        if (Fits(layer, place, scaling, 32)) return new AddStep<int>(layer, place, scaling);
        return Fits(layer, place, scaling, 64) ? new AddStep<long>(layer, place, scaling) : null;
    }

    private static bool Fits(AddLayer layer, StepPlace place, OutputScaling scaling, int laneBits)
    {
        ExactRange sum = 0;
        for (int i = 0; i < layer.Operands.Length; i++)
        {
            InputScaling operand = layer.Operands[i];
            if (operand.Real.IsUsed != 0 || operand.Multiplier == int.MinValue
                || operand.MultiplierShift > 62)
                return false;
            ExactRange value =
                (ExactRange.Of(place.Inputs[i].Type) + -(long)operand.ZeroPoint) * operand.Factor;
            if (value.Bits > laneBits || ((ExactRange)operand.Factor).Bits > laneBits)
                return false;
            if (operand.Multiplier != 0)
            {
                (int bits, value) = new ScaledRounding([operand.Multiplier], 31, default).Of(value);
                if (bits > laneBits || laneBits < 64) return false;
                (bits, value) = new ScaledRounding([1], operand.MultiplierShift, default).Of(value);
                if (bits > laneBits) return false;
            }

            sum += value;
        }

        return sum.Bits <= laneBits && scaling.Fits(sum, [layer.Requantization], laneBits);
    }
}
