using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>The largest value in each window.</summary>
internal static class ReferenceMaxPool
{
    public static long[] Run(MaxPoolLayer layer, long[] input)
    {
        var output = new long[layer.Output.Shape.Length];
        for (int element = 0; element < output.Length; element++)
        {
            output[element] = ReferenceWindow
                .Values(layer.Geometry, layer.Input.Shape, layer.Output.Shape, input, element)
                .Max();
        }

        return output;
    }
}
