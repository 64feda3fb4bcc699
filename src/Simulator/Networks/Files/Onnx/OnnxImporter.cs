using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>An ONNX classifier as a float network.</summary>
internal static class OnnxImporter
{
    /// <summary>Makes layers of a model.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="images">Shape of the images that it is for.</param>
    /// <exception cref="InputException">
    /// It is no ONNX model, or has what QSim cannot run; says which node.
    /// </exception>
    public static FloatNetwork Import(byte[] bytes, string file, TensorShape images) =>
        Import(Read(bytes, file), file, images);

    /// <summary>Makes layers of a model that was read.</summary>
    /// <exception cref="InputException">It has what QSim cannot run; says which node.</exception>
    public static FloatNetwork Import(OnnxModel model, string file, TensorShape images)
    {
        if (model.Outputs.Count != 1)
            throw Fail(
                file,
                $"has {model.Outputs.Count} outputs ({Brief.List(model.Outputs)}), where "
                    + "one is needed");
        var graph = new OnnxGraph(file, model, images);
        OnnxInput[] inputs = [.. model.Inputs.Where(i => !model.Constants.ContainsKey(i.Name))];
        if (inputs is not [var input])
            throw Fail(
                file,
                $"has {inputs.Length} inputs ({Brief.List(inputs.Select(i => i.Name))}), "
                    + "where one is needed");
        graph.SetInput(input.Name, RankOf(input, images, file));
        foreach (OnnxNode node in model.Nodes) OnnxOperators.Add(graph, node);
        if (graph.Find(model.Outputs[0]) is not { } output)
            throw Fail(file, $"its output '{model.Outputs[0]}' does not depend on its input");
        return Reachable(
            Path.GetFileNameWithoutExtension(file), images, graph.Layers,
            output.Tensor) ?? throw Fail(file, "it has no layers");
    }

    private static OnnxModel Read(byte[] bytes, string file)
    {
        try
        {
            return OnnxReader.Read(bytes);
        }
        catch (InvalidDataException e)
        {
            throw Fail(file, $"cannot be read as an ONNX model: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>
    /// Checks that the images are what the graph's input wants; dimensions that it leaves open fit
    /// any.
    /// </summary>
    private static int RankOf(OnnxInput input, TensorShape images, string file)
    {
        IReadOnlyList<long?> d = input.Dimensions;
        long[] channelsFirst = [images.Channels, images.Rows, images.Columns];
        bool fits = d.Count switch
        {
            4 => Matches(d, channelsFirst),
            2 => Matches(d, [images.Length]),
            _ => false,
        };
        if (!fits && d.Count == 4 && Matches(d, [images.Rows, images.Columns, images.Channels]))
        {
            throw Fail(
                file,
                $"its input '{input.Name}' has its channels last; export it with channels first "
                    + "(tf2onnx: --inputs-as-nchw)");
        }

        return fits
            ? d.Count
            : throw Fail(
                file,
                $"its input '{input.Name}' is "
                    + $"[{Brief.List(d.Select(e => e?.ToString() ?? "?"))}], where images "
                    + $"of {images} need [?, {string.Join(", ", channelsFirst)}] or [?, "
                    + $"{images.Length}]");
    }

    private static bool Matches(IReadOnlyList<long?> dimensions, long[] wanted) =>
        dimensions.Skip(1).Zip(wanted).All(p => p.First is null || p.First == p.Second);

    /// <summary>The layers that the output needs, in their order.</summary>
    private static FloatNetwork? Reachable(
        string name, TensorShape input, IReadOnlyList<FloatLayer> layers, int output)
    {
        bool[] needed = new bool[layers.Count + 1];
        needed[output] = true;
        for (int i = output; i > 0; i--)
            if (needed[i]) foreach (int from in layers[i - 1].Inputs) needed[from] = true;
        int[] moved = new int[layers.Count + 1];
        var kept = new List<FloatLayer>();
        for (int i = 1; i <= output; i++)
        {
            if (!needed[i])
                continue;
            kept.Add(
                layers[i - 1] with { Inputs = [.. layers[i - 1].Inputs.Select(t => moved[t])] });
            moved[i] = kept.Count;
        }

        return kept.Count > 0 ? new(name, input, [.. kept]) : null;
    }

    private static InputException Fail(string file, string why) =>
        new(InputError.InBinary(file, why));
}
