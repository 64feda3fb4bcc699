using QSim.Kernels.Datapath;
using QSim.Runner.Conformance;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Silicon.Vectors;

/// <summary>A layer's own numbers as arrays of golden vectors.</summary>
internal static class ParameterVectors
{
    /// <summary>Weights, biases, multipliers, shifts, scales, tables, the order of sums.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="stem">From an array's name to that of its files.</param>
    public static IEnumerable<VectorArray> Of(ProgramLayer layer, Func<string, string> stem)
    {
        foreach ((string part, NpyArray array) in ProgramArrays.PartsOf(layer))
        {
            string name = $"{layer.Name}.{part}";
            (int bits, bool isSigned) = Width(layer, part, array);
            yield return new(
                name, stem(name), VectorRole.Parameter, Axes(part, array), array, bits, isSigned);
        }

        if (layer is not MacLayer mac) yield break;
        string order = $"{layer.Name}.{Registers.Order}";
        long[] indices = [.. ReductionPlan.WeightIndices(mac).Select(i => (long)i)];
        (int width, _) = Register.Narrowest(indices);
        yield return new(
            order, stem(order), VectorRole.Parameter, ["step"],
            NpyArray.Of(indices, indices.Length), width, false);
    }

    private static (int Bits, bool IsSigned) Width(
        ProgramLayer layer, string part, NpyArray array) =>
        array.Type[1] == 'f' ? (array.Type[2..] == "4" ? 32 : 64, false)
        : layer is MacLayer unit && part == "weight" ? (unit.WeightBits, unit.WeightsSigned)
        : layer is MacLayer mac && part == "bias"
            ? (mac.Mac.Update.Bits, mac.Mac.Update.IsSigned)
        : part == "multiplier" ? (32, true)
        : Register.Narrowest(array.ToIntegers());

    private static string[] Axes(string part, NpyArray array) => part switch
    {
        "weight" => ["output_channel", "input_channel", "kernel_row", "kernel_column"],
        "table" or "exponentials" or "reciprocals" or "filter" => ["entry"],
        "sources" => ["value"],
        _ => [.. array.Shape.Select((_, i) => i == 0 ? "channel" : $"index{i}")],
    };
}
