using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>The inputs one after the other, each requantized.</summary>
internal static class ReferenceConcat
{
    public static long[] Run(ConcatLayer layer, long[][] inputs, LayerRun run)
    {
        var output = new List<long>();
        for (int i = 0; i < inputs.Length; i++)
        {
            foreach (long raw in inputs[i])
            {
                ConversionEvents events = ConversionEvents.None;
                long scaled = layer.Parts[i].Scaling.Apply(raw, ref events);
                run.Log?.Write("scaled", output.Count, scaled);
                output.Add(
                    run.Requantize(scaled, layer.Parts[i].Requantization, output.Count, events));
            }
        }

        return [.. output];
    }
}
