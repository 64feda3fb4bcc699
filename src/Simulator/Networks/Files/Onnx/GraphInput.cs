using QSim.Kernels.Datapath;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>What a graph's input is to the images.</summary>
internal static class GraphInput
{
    /// <summary>The shape of the images that a model says it takes.</summary>
    /// <exception cref="InputException">It leaves that open.</exception>
    public static TensorShape Declared(OnnxModel model, string file)
    {
        OnnxInput? input = model.Inputs.FirstOrDefault(i => !model.Constants.ContainsKey(i.Name));
        int[] d = [.. (input?.Dimensions ?? []).Skip(1)
            .Select(e => (int)Math.Clamp(e ?? 0, 0, Sizes.MostExtent))];
        if (d.Length is < 1 or > 3 || d.Contains(0))
            throw new InputException(InputError.InBinary(
                file, $"its input '{Brief.Name(input?.Name ?? "?")}' is "
                    + $"[{Brief.List((input?.Dimensions ?? []).Select(e => e?.ToString() ?? "?"))}"
                    + "], which leaves the shape of an image open (say it)"));
        bool isLast = d is [> 4, _, >= 1 and <= 4];
        return d switch
        {
            [var features] => new(features),
            [var channels, var length] => new(channels, 1, length),
            _ when isLast => new(d[2], d[0], d[1]),
            _ => new(d[0], d[1], d[2]),
        };
    }

    /// <summary>
    /// Tells the graph, once the images are seen to be what the input wants; dimensions that it
    /// leaves open fit any. Bytes are pixels in 0..255.
    /// </summary>
    public static void Set(
        OnnxGraph graph, OnnxInput input, TensorShape images, bool isChannelsLast,
        Func<string, Exception> fail)
    {
        IReadOnlyList<long?> d = input.Dimensions;
        long[] first = [images.Channels, images.Rows, images.Columns];
        long[] last = [images.Rows, images.Columns, images.Channels];
        long[]? extents = d.Count switch
        {
            4 when Matches(d, first) => [1, .. first],
            4 when Matches(d, last) => [1, .. last],
            3 when images.Rows == 1 && Matches(d, [first[0], first[2]]) => [1, first[0], first[2]],
            3 when images.Channels == 1 && Matches(d, [first[1], first[2]]) =>
                [1, first[1], first[2]],
            2 when Matches(d, [images.Length]) => [1, images.Length],
            _ => null,
        };
        if (extents is null)
            throw fail(
                $"its input '{input.Name}' is "
                    + $"[{Brief.List(d.Select(e => e?.ToString() ?? "?"))}], where images "
                    + $"of {images} need [?, {string.Join(", ", first)}] or [?, "
                    + $"{images.Length}]");
        graph.Batch = d[0];
        OnnxNode node = new("input", "input", [], [input.Name], NoAttributes);
        OnnxValue value = Pixels(graph, node, new(0, [1, .. first]), input, fail);
        bool isLast = (d.Count == 4 && !Matches(d, first)) || (d.Count == 2 && isChannelsLast);
        value = isLast ? MoveOperators.Transposed(graph, node, value, [0, 2, 3, 1]) : value;
        value = value with { Extents = extents };
        graph.SetInput(input.Name, value);
    }

    private static IReadOnlyDictionary<string, OnnxAttribute> NoAttributes { get; } =
        new Dictionary<string, OnnxAttribute>();

    /// <summary>Pixels in 0..1, or times 255 where the graph takes bytes.</summary>
    private static OnnxValue Pixels(
        OnnxGraph graph, OnnxNode node, OnnxValue image, OnnxInput input,
        Func<string, Exception> fail)
    {
        if (input.Type is DataType.Float or DataType.Double or DataType.Float16
            or DataType.Bfloat16) return image;
        if (input.Type != DataType.Uint8)
            throw fail(
                $"its input '{input.Name}' is of type {input.Type.ToString().ToUpperInvariant()} "
                    + "(supported: FLOAT, DOUBLE, FLOAT16, BFLOAT16 for pixels in 0..1, UINT8 for "
                    + "pixels in 0..255)");
        int channels = graph.Shape(image).Channels;
        float[] scale = [.. Enumerable.Repeat(255f, channels)];
        int tensor = graph.Add(
            node, new BatchNormLayer(graph.Name(node), [0], scale, new float[channels]));
        return image with { Tensor = tensor };
    }

    private static bool Matches(IReadOnlyList<long?> dimensions, long[] wanted) =>
        dimensions.Count == wanted.Length + 1
        && dimensions.Skip(1).Zip(wanted).All(p => p.First is null || p.First == p.Second);
}
