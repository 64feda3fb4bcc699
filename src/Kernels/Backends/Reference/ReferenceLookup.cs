using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>A function by table, value by value.</summary>
internal static class ReferenceLookup
{
    public static long[] Run(LookupLayer layer, long[] input, LayerRun run)
    {
        var output = new long[input.Length];
        for (int element = 0; element < output.Length; element++)
        {
            int entry = layer.Table[layer.Index.Of(input[element], layer.Table.Length)];
            output[element] = run.Convert(entry, layer.Conversion, EventStage.Output, element);
        }

        return output;
    }
}
