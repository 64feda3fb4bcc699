using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Explanations;

/// <summary>The raw value of every register for one image, as named arrays.</summary>
internal static class Registers
{
    /// <summary>
    /// <c>input</c> and <c>LAYER.output</c>, [channel][row][column]; for multiply-accumulate layers
    /// also <c>LAYER.product</c>, [channel][row][column][step] in the order of the reduction, and
    /// <c>LAYER.accumulator</c>, [channel][row][column][update].
    /// </summary>
    /// <param name="program">The program.</param>
    /// <param name="tensors">The image's tensors: the input, then the output of each layer.</param>
    /// <param name="image">The image's index in its dataset.</param>
    /// <param name="layers">Indices of the layers wanted.</param>
    public static IEnumerable<(string Name, NpyArray Array)> Of(
        QuantizedProgram program, IReadOnlyList<long[]> tensors, long image,
        IEnumerable<int> layers)
    {
        yield return ("input", Array(tensors[0], program.Input.Type.Shape));
        foreach (int index in layers)
        {
            ProgramLayer layer = program.Layers[index];
            if (layer is MacLayer mac)
            {
                MacTrace[] traces = [.. Elements(mac, image)
                    .Select(e => MacTracer.Trace(program, index, tensors[mac.Inputs[0]], e))];
                long[] products = [.. traces.SelectMany(t => t.Products.Select(p => p.Value))];
                long[] sums = [.. traces.SelectMany(t => t.Updates.Select(u => u.Accumulator))];
                yield return (
                    $"{layer.Name}.product", Array(products, mac.Output.Shape, mac.Depth));
                yield return (
                    $"{layer.Name}.accumulator",
                    Array(sums, mac.Output.Shape, traces[0].Updates.Length));
            }

            yield return ($"{layer.Name}.output", Array(tensors[index + 1], layer.Output.Shape));
        }
    }

    private static IEnumerable<ElementAddress> Elements(MacLayer layer, long image) =>
        from channel in Enumerable.Range(0, layer.Output.Shape.Channels)
        from position in Enumerable.Range(0, layer.Output.Shape.Positions)
        select new ElementAddress(image, channel, position);

    private static NpyArray Array(
        long[] values, TensorShape shape, params ReadOnlySpan<int> rest) =>
        NpyArray.Of(values, [shape.Channels, shape.Rows, shape.Columns, .. rest]);
}
