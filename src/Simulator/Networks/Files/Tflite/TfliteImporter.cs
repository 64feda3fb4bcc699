using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Tflite;

/// <summary>A TensorFlow Lite classifier as a network with its own integers.</summary>
internal static class TfliteImporter
{
    /// <summary>Makes layers of a model.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="asked">Shape of the images; null for what the model says.</param>
    /// <exception cref="InputException">
    /// It is damaged, or has what QSim cannot run; names every such operator.
    /// </exception>
    public static FloatNetwork Import(byte[] bytes, string file, TensorShape? asked)
    {
        try
        {
            return Import(TfliteModel.Read(bytes), file, asked);
        }
        catch (InvalidDataException e)
        {
            throw new InputException(InputError.InBinary(file, e.Message));
        }
    }

    private static FloatNetwork Import(TfliteModel model, string file, TensorShape? asked)
    {
        if (model is not { Inputs: [int input], Outputs: [_] })
            throw new InputException(InputError.InBinary(
                file, $"has {model.Inputs.Length} inputs and {model.Outputs.Length} outputs "
                    + "(supported: one of each)"));
        int output = Logits(model);
        TfliteOperator[] needed = Needed(model, output);
        TfliteOperator[] others =
            [.. needed.Where(o => !TfliteOperators.All.ContainsKey(o.Code))];
        if (others.Length > 0)
            throw new InputException(InputError.InBinary(
                file, "operators that are not supported: "
                    + string.Join(", ", others.GroupBy(TfliteOperators.Name).Select(g =>
                        $"{g.Key} ({Brief.List(g.Select(o => $"{o.Index}"))})"))
                    + $" (supported: {string.Join(", ", TfliteOperators.All.Values
                        .Select(k => k.Name))})"));
        int[] extents = new TfliteGraph(file, model, new(1)).Extents(null, input);
        bool isFirst = extents.Length == 3 && IsChannelsFirst(model, input);
        TensorShape said = isFirst
            ? new(extents[0], extents[1], extents[2])
            : TfliteGraph.Shaped(extents);
        TensorShape images = asked ?? said;
        var graph = new TfliteGraph(file, model, images);
        Input(graph, input, extents, images, said, isFirst);
        foreach (TfliteOperator node in needed) TfliteOperators.All[node.Code].Add(graph, node);
        if (graph.Find(output) is not { Index: > 0 } || graph.Layers.Count == 0)
            throw new InputException(InputError.InBinary(
                file, "its output does not depend on its input"));
        return Checked(file, images, graph.Layers);
    }

    private static FloatNetwork Checked(
        string file, TensorShape images, IReadOnlyList<FloatLayer> layers)
    {
        try
        {
            return new(Path.GetFileNameWithoutExtension(file), images, [.. layers]);
        }
        catch (ArgumentException e)
        {
            throw new InputException(InputError.InBinary(file, e.Message));
        }
    }

    /// <summary>The image as it is, or flat as Keras has it, in its format.</summary>
    private static void Input(
        TfliteGraph graph, int input, int[] extents, TensorShape images, TensorShape said,
        bool isChannelsFirst)
    {
        int tensor = 0;
        if (images != said)
        {
            if (extents.Length != 1 || images.Length != said.Length)
                throw graph.Fail(null, $"takes {said} images, but those of the data are {images}");
            tensor = graph.Emit(RearrangeLayer.ChannelsLast("input/flat", [0], images));
        }

        if (graph.Quantizer(null, input) is { } quantizer)
            tensor = graph.Emit(new FakeQuantizeLayer("input", [tensor], quantizer));
        if (isChannelsFirst)
            tensor = TfliteMoves.Unflattened(graph, "input", tensor, extents);
        graph.Set(input, new(tensor, extents));
    }

    /// <summary>
    /// Whether images go in channels first, as a converter from PyTorch has it: what reads the
    /// input turns them channels last.
    /// </summary>
    private static bool IsChannelsFirst(TfliteModel model, int input)
    {
        TfliteOperator[] readers = Readers(input);
        if (readers is [{ Code: TfliteOperators.Quantize } only])
            readers = Readers(only.Outputs[0]);
        return readers.Length > 0 && readers.All(r =>
            r.Code == TfliteOperators.Transpose && r.Has(1)
            && model.Tensors[r.Inputs[1]] is { Type: TfliteType.Int32, IsConstant: true } order
            && order.Integers() is [0, 2, 3, 1]);

        TfliteOperator[] Readers(int tensor) =>
            [.. model.Operators.Where(o => o.Inputs.Contains(tensor))];
    }

    /// <summary>
    /// The logits: a softmax at the end is left out, for attacks want what is before it, and so is
    /// what only gives its values another shape or makes numbers of them.
    /// </summary>
    internal static int Logits(TfliteModel model)
    {
        Dictionary<int, TfliteOperator> makers = Makers(model);
        var passed = new HashSet<int>();
        int logits = model.Outputs[0], at = logits;
        while (makers.TryGetValue(at, out TfliteOperator? last) && passed.Add(last.Index)
            && last.Has(0))
        {
            at = last.Inputs[0];
            if (TfliteOperators.IsEnding(last, model.Tensors[at])) logits = at;
            else if (!TfliteOperators.IsReshape(last.Code)) break;
        }

        return logits;
    }

    /// <summary>Operators that a tensor depends on, in the order of the file.</summary>
    private static TfliteOperator[] Needed(TfliteModel model, int output)
    {
        var wanted = new HashSet<int> { output };
        var needed = new Stack<TfliteOperator>();
        foreach (TfliteOperator node in model.Operators.Reverse())
        {
            if (!node.Outputs.Any(wanted.Contains)) continue;
            needed.Push(node);

            // Batches of any size count their shape (SHAPE, STRIDED_SLICE, PACK); the extents of
            // one image stand in the model.
            wanted.UnionWith(
                node.Code == TfliteOperators.Reshape ? node.Inputs.Take(1) : node.Inputs);
        }

        return [.. needed];
    }

    private static Dictionary<int, TfliteOperator> Makers(TfliteModel model)
    {
        var makers = new Dictionary<int, TfliteOperator>();
        foreach (TfliteOperator node in model.Operators)
            foreach (int made in node.Outputs) makers[made] = node;
        return makers;
    }
}
