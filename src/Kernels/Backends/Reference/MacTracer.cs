using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>Replays one output element step by step.</summary>
internal static class MacTracer
{
    /// <summary>How one output element of one layer came about.</summary>
    /// <param name="program">The program.</param>
    /// <param name="layer">Index of a <see cref="MacLayer"/> in it.</param>
    /// <param name="input">What the layer read for this image, [channel][row][column].</param>
    /// <param name="element">The output element, its image counted in the dataset.</param>
    /// <exception cref="ArgumentException">
    /// The layer is no MAC layer, or input or element do not fit it.
    /// </exception>
    public static MacTrace Trace(
        QuantizedProgram program, int layer, long[] input, ElementAddress element)
    {
        if (layer < 0
            || layer >= program.Layers.Length
            || program.Layers[layer] is not MacLayer mac)
            throw new ArgumentException(
                $"layer {layer} of '{program.Name}' has no multiply-accumulate unit");
        TensorShape shape = mac.Output.Shape;
        if (element.Channel < 0 || element.Channel >= shape.Channels
            || element.Position < 0 || element.Position >= shape.Positions)
        {
            throw new ArgumentException(
                $"layer '{mac.Name}' gives {shape}: no channel {element.Channel}, position "
                    + $"{element.Position}"
            );
        }

        if (input.Length != mac.Input.Shape.Length)
            throw new ArgumentException($"{input.Length} values where {mac.Input.Shape} is needed");
        var run = new LayerRun(
            program.Seed, layer, element.Image, shape, new EventCounter(mac));
        int index = (element.Channel * shape.Positions) + element.Position;
        int[] order = ReductionPlan.WeightIndices(mac);
        return ReferenceMac.Trace(
            mac, order, ReferenceMac.Inputs(mac, order, input, index), index, run);
    }
}
