using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>What two raw values come to, exactly.</summary>
internal delegate long ExactPair(long first, long second, ref ConversionEvents events);

/// <summary>Layers of two tensors of one shape, value by value: exact, then requantized.</summary>
internal static class ReferencePairs
{
    /// <param name="name">What the exact value is called where registers are written.</param>
    /// <param name="requantization">From the exact value to the output.</param>
    /// <param name="inputs">Two tensors.</param>
    /// <param name="run">Where.</param>
    /// <param name="exact">The exact value.</param>
    public static long[] Run(
        string name, in Requantization requantization, long[][] inputs, LayerRun run,
        ExactPair exact)
    {
        var output = new long[inputs[0].Length];
        for (int element = 0; element < output.Length; element++)
        {
            var events = ConversionEvents.None;
            long value = exact(inputs[0][element], inputs[1][element], ref events);
            run.Log?.Write(name, element, value);
            output[element] = run.Requantize(value, requantization, element, events);
        }

        return output;
    }
}
