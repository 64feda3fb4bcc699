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
            int index = layer.Index.Of(input[element], layer.Table.Length);
            int entry = layer.Table[index];
            run.Log?.Write("index", element, index);
            run.Log?.Write("entry", element, entry);
            output[element] = run.Convert(entry, layer.Conversion, EventStage.Output, element);
        }

        return output;
    }
}
