using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>
/// Runs one layer for one image and keeps what its registers held: the sum of an average pooling
/// or an addition, the exact product of two tensors, entry and index of a table, the stages of a
/// softmax. Multiply-accumulate units keep their flags; <see cref="MacTracer"/> has their steps.
/// </summary>
internal static class LayerTracer
{
    /// <summary>What a layer's registers held.</summary>
    /// <param name="program">The program.</param>
    /// <param name="layer">Index of a layer in it.</param>
    /// <param name="inputs">What it read, [channel][row][column] of each input.</param>
    /// <param name="image">The image, counted in its dataset.</param>
    /// <returns>The registers and the output.</returns>
    /// <exception cref="ArgumentException">The inputs are not the layer's.</exception>
    public static (RegisterLog Registers, long[] Output) Trace(
        QuantizedProgram program, int layer, long[][] inputs, long image)
    {
        ProgramLayer of = program.Layers[layer];
        if (inputs.Length != of.Inputs.Length
            || inputs.Zip(of.Inputs).Any(i =>
                i.First.Length != program.Tensor(i.Second).Shape.Length))
            throw new ArgumentException($"these are not the inputs of layer '{of.Name}'");
        var log = new RegisterLog(of);
        var run = new LayerRun(
            program.Seed, layer, image, of.Output.Shape, new EventCounter(of))
        { Log = log };
        return (log, ReferenceRunner.RunLayer(of, inputs, run));
    }
}
