using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>The exact sum of scaled inputs, or theirs in float32, requantized.</summary>
internal static class ReferenceAdd
{
    public static long[] Run(AddLayer layer, long[][] inputs, LayerRun run)
    {
        var output = new long[layer.Output.Shape.Length];
        for (int element = 0; element < output.Length; element++)
        {
            ConversionEvents events = ConversionEvents.None;
            long sum = layer.Real.IsUsed != 0
                ? layer.Real.Of(inputs[0][element], inputs[1][element], ref events)
                : 0;
            for (int i = 0; layer.Real.IsUsed == 0 && i < inputs.Length; i++)
                sum += layer.Operands[i].Apply(inputs[i][element], ref events);
            if (layer.Real.IsUsed == 0) run.Log?.Write("sum", element, sum);
            output[element] = run.Requantize(sum, layer.Requantization, element, events);
        }

        return output;
    }
}
