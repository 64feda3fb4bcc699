using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>An ONNX classifier as a float network.</summary>
internal static class OnnxImporter
{
    /// <summary>Makes layers of a model.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="images">Shape of the images that it is for.</param>
    /// <exception cref="InputException">
    /// It is no ONNX model, or has what QSim cannot run; says which nodes.
    /// </exception>
    public static FloatNetwork Import(byte[] bytes, string file, TensorShape images) =>
        Import(Read(bytes, file), file, images);

    /// <summary>Makes layers of a model that was read.</summary>
    /// <param name="model">The model.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="images">Shape of the images that it is for.</param>
    /// <param name="isChannelsLast">Whether features of an image count channels last.</param>
    /// <exception cref="InputException">It has what QSim cannot run; says which nodes.</exception>
    public static FloatNetwork Import(
        OnnxModel model, string file, TensorShape images, bool isChannelsLast = false)
    {
        if (model.Outputs.Count != 1)
            throw Fail(
                file,
                $"has {model.Outputs.Count} outputs ({Brief.List(model.Outputs)}), where "
                    + "one is needed: name it behind the file, as in "
                    + $"{Path.GetFileName(file)}#{Brief.Name(model.Outputs.FirstOrDefault("y"))}, "
                    + "or with --output");
        if (model.Opset is < OnnxModel.OldestOpset or > OnnxModel.NewestOpset)
            throw Fail(
                file,
                $"is written in version {model.Opset} of ONNX's operators (supported: "
                    + $"{OnnxModel.OldestOpset}..{OnnxModel.NewestOpset}; export with another "
                    + "opset_version)");
        var graph = new OnnxGraph(file, model, images);
        graph.RefuseCircles();
        OnnxInput[] inputs = [.. model.Inputs.Where(i => !model.Constants.ContainsKey(i.Name))];
        if (inputs is not [var input])
            throw Fail(
                file,
                $"has {inputs.Length} inputs ({Brief.List(inputs.Select(i => i.Name))}), "
                    + "where one is needed");
        GraphInput.Set(graph, input, images, isChannelsLast, why => Fail(file, why));
        List<InputError> errors = [];
        AddAll(graph, Needed(graph, model.Inputs, ofImage: false), errors);
        graph.MovePairs();
        AddAll(graph, Needed(graph, model.Inputs, ofImage: true), errors);
        if (errors.Count > 0) throw new InputException(errors);
        if (graph.Find(graph.Output) is not { } output)
            throw Fail(file, $"its output '{graph.Output}' does not depend on its input");
        if (output.Padding is not null)
            output = PadOperator.Materialize(graph, model.Nodes[^1], output);
        return Reachable(
            Path.GetFileNameWithoutExtension(file), images, graph.Layers,
            output.Tensor) ?? throw Fail(file, "it has no layers");
    }

    /// <summary>A model with one of its outputs alone.</summary>
    /// <exception cref="InputException">It has none of that name.</exception>
    public static OnnxModel Chosen(OnnxModel model, string file, string output) =>
        model.Outputs.Contains(output)
            ? model with { Outputs = [output] }
            : throw Fail(
                file, $"has no output '{Brief.Name(output)}'"
                    + $"{Suggestion.Hint(output, model.Outputs)} (found: "
                    + $"{Brief.List(model.Outputs)})");

    /// <summary>Reads a model and the files beside it.</summary>
    /// <param name="bytes">The model.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="folder">Where constants in other files lie; null where there are none.</param>
    /// <exception cref="InputException">It is no ONNX model, or damaged.</exception>
    public static OnnxModel Read(byte[] bytes, string file, ModelFolder? folder = null)
    {
        try
        {
            return OnnxReader.Read(bytes, folder);
        }
        catch (InvalidDataException e)
        {
            throw Fail(file, $"cannot be read as an ONNX model: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>
    /// The nodes that the output needs; others are not looked at. Constants, and what is made of
    /// them alone, come first, wherever an exporter put them: what looks ahead at a reader knows
    /// the reader's, too.
    /// </summary>
    private static IEnumerable<OnnxNode> Needed(
        OnnxGraph graph, IEnumerable<OnnxInput> inputs, bool ofImage)
    {
        HashSet<string> needed = [.. graph.Outputs];
        var nodes = new Stack<OnnxNode>();
        foreach (OnnxNode node in graph.Nodes.Reverse())
        {
            if (!node.Outputs.Any(needed.Contains)) continue;
            needed.UnionWith(node.Inputs);
            nodes.Push(node);
        }

        HashSet<string> images =
            [.. inputs.Select(i => i.Name).Where(n => graph.ConstantOf(n) is null)];
        foreach (OnnxNode node in nodes)
            if (node.Inputs.Any(images.Contains)) images.UnionWith(node.Outputs);
        return nodes.Where(n => n.Inputs.Any(images.Contains) == ofImage);
    }

    /// <summary>Adds nodes, and says of all what is wrong with them.</summary>
    private static void AddAll(
        OnnxGraph graph, IEnumerable<OnnxNode> nodes, List<InputError> errors)
    {
        foreach (OnnxNode node in nodes)
        {
            bool isUnknown = !OnnxRules.All.ContainsKey(node.Operator);
            if (graph.IsBroken(node) && !isUnknown)
            {
                graph.Break(node);
                continue;
            }

            try
            {
                OnnxOperators.Add(graph, node);
            }
            catch (InputException e)
            {
                errors.AddRange(e.Errors);
                graph.Break(node);
            }
        }
    }

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
