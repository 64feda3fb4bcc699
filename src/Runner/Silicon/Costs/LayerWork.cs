using QSim.Kernels.Datapath;

namespace QSim.Runner.Silicon.Costs;

/// <summary>What one image asks of a layer's unit.</summary>
/// <param name="Macs">Multiply-accumulates.</param>
/// <param name="BitOperations">The same, times the bits of both factors.</param>
/// <param name="Updates">Cycles of the unit.</param>
/// <param name="Outputs">Outputs.</param>
/// <param name="OperandBits">
/// Bits that factors are read with, each from a buffer at every use.
/// </param>
/// <param name="OutputBits">Bits that outputs are written with.</param>
/// <param name="ParameterBits">Bits of weights and biases, each once.</param>
/// <param name="InputBits">Bits of the tensor that the layer reads, each once.</param>
internal sealed record LayerWork(
    long Macs, long BitOperations, long Updates, long Outputs, long OperandBits, long OutputBits,
    long ParameterBits, long InputBits)
{
    /// <summary>The work of a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="cycles">Cycles of an output.</param>
    public static LayerWork Of(MacLayer layer, int cycles)
    {
        long outputs = layer.Output.Shape.Length;
        long macs = layer.Depth * outputs;
        return new(
            macs, macs * layer.Input.Bits * layer.WeightBits, outputs * cycles, outputs,
            macs * (layer.Input.Bits + layer.WeightBits), outputs * layer.Output.Bits,
            ((long)layer.Weights.Length * layer.WeightBits)
                + ((long)layer.Bias.Length * layer.Mac.Update.Bits),
            (long)layer.Input.Shape.Length * layer.Input.Bits);
    }
}
