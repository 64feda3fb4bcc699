using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Conformance;

/// <summary>The raw value of every register for some images, as named arrays.</summary>
/// <param name="program">The program.</param>
/// <param name="images">Indices of the images in their dataset.</param>
/// <param name="tensors">
/// Per image: the input, then the output of each layer.
/// </param>
internal sealed class Registers(
    QuantizedProgram program, IReadOnlyList<int> images,
    IReadOnlyList<IReadOnlyList<long[]>> tensors)
{
    /// <summary>The array of the images' indices.</summary>
    public const string Image = "image";

    /// <summary>The array of what goes in.</summary>
    public const string Input = "input";

    /// <summary>What the order of a layer's reduction is called behind its name.</summary>
    public const string Order = "order";

    /// <summary>How many images.</summary>
    public int Images => images.Count;

    /// <summary>The registers layer by layer, with flags.</summary>
    public LayerRegisters OfLayers() => new(program, images, tensors);

    /// <summary>
    /// <c>image</c>, <c>input</c> and <c>LAYER.output</c>, [image][channel][row][column]; for
    /// multiply-accumulate layers, where steps are wanted, also <c>LAYER.product</c>,
    /// [image][channel][row][column][step] in the order of the reduction, and
    /// <c>LAYER.accumulator</c>, [image][channel][row][column][update].
    /// </summary>
    /// <param name="layers">Indices of the layers wanted.</param>
    /// <param name="steps">Whether products and accumulators are wanted.</param>
    public IEnumerable<(string Name, NpyArray Array)> Of(IEnumerable<int> layers, bool steps)
    {
        yield return (Image, NpyArray.Of([.. images.Select(i => (long)i)], images.Count));
        yield return (Input, Tensor(0));
        foreach (int index in layers)
        {
            ProgramLayer layer = program.Layers[index];
            if (steps && layer is MacLayer mac)
            {
                MacTrace[] traces = [.. Traces(index)];
                yield return (
                    $"{layer.Name}.{LayerRegisters.Product}",
                    Array([.. traces.SelectMany(Products)], mac.Output.Shape, mac.Depth));
                yield return (
                    $"{layer.Name}.{LayerRegisters.Accumulator}",
                    Array(
                        [.. traces.SelectMany(Sums)], mac.Output.Shape, traces[0].Updates.Length));
            }

            yield return ($"{layer.Name}.{LayerRegisters.Output}", Tensor(index + 1));
        }
    }

    /// <summary>How many values such arrays hold.</summary>
    public static long Count(
        QuantizedProgram program, int images, IEnumerable<int> layers, bool steps) =>
        images * (program.Input.Type.Shape.Length + layers.Sum(i => program.Layers[i] switch
        {
            MacLayer mac when steps =>
                mac.Output.Shape.Length * (1 + (2 * (mac.Depth + 1L))),
            ProgramLayer layer => (long)layer.Output.Shape.Length,
        }));

    /// <summary>The products of one output, in order.</summary>
    public static IEnumerable<long> Products(MacTrace trace) =>
        trace.Products.Select(p => p.Value);

    /// <summary>The accumulator of one output after each update.</summary>
    public static IEnumerable<long> Sums(MacTrace trace) =>
        trace.Updates.Select(u => u.Accumulator);

    /// <summary>Every output of a layer step by step, image by image.</summary>
    public IEnumerable<MacTrace> Traces(int layer)
    {
        TensorShape shape = program.Layers[layer].Output.Shape;
        int input = program.Layers[layer].Inputs[0];
        return
            from i in Enumerable.Range(0, images.Count)
            from channel in Enumerable.Range(0, shape.Channels)
            from position in Enumerable.Range(0, shape.Positions)
            select MacTracer.Trace(
                program, layer, tensors[i][input], new(images[i], channel, position));
    }

    /// <summary>A tensor of all images: 0 is the input, i + 1 the output of layer i.</summary>
    public long[] Values(int tensor) => [.. tensors.SelectMany(t => t[tensor])];

    private NpyArray Tensor(int tensor) => Array(Values(tensor), program.Tensor(tensor).Shape);

    private NpyArray Array(long[] values, TensorShape shape, params ReadOnlySpan<int> rest) =>
        NpyArray.Of(
            values, [images.Count, shape.Channels, shape.Rows, shape.Columns, .. rest]);
}
