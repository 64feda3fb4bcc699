using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>Exact products of two tensors, requantized.</summary>
internal static class ReferenceMultiply
{
    public static long[] Run(MultiplyLayer layer, long[][] inputs, LayerRun run)
    {
        var output = new long[layer.Output.Shape.Length];
        for (int element = 0; element < output.Length; element++)
        {
            long product = layer.Product(inputs[0][element], inputs[1][element]);
            run.Log?.Write("product", element, product);
            output[element] = run.Requantize(
                product, layer.Requantization, element, ConversionEvents.None);
        }

        return output;
    }
}
