using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Writes a program as an ONNX graph with QuantizeLinear and DequantizeLinear around every layer:
/// its raw weights and biases, scales and zero points. Rounding, overflow and accumulators are
/// those of the tool that runs it.
/// </summary>
internal sealed partial class QdqWriter
{
    private readonly QuantizedProgram _program;
    private readonly FloatNetwork _network;
    private readonly QdqGraph _graph;
    private readonly FloatNodes _floats;
    private readonly string[] _values;
    private readonly double[] _scales;
    private readonly bool[] _isFlat;
    private readonly bool[] _keeps;

    private QdqWriter(QuantizedProgram program, FloatNetwork network, QdqGraph graph)
    {
        (_program, _network, _graph) = (program, network, graph);
        int tensors = program.Layers.Length + 1;
        (_values, _scales, _isFlat, _keeps) =
            (new string[tensors], new double[tensors], new bool[tensors], new bool[tensors]);
        _floats = new(_graph, program, network, _values, _isFlat);
    }

    /// <summary>The model's bytes.</summary>
    /// <param name="program">The program.</param>
    /// <param name="network">The network that it was made from.</param>
    /// <exception cref="NotSupportedException">ONNX has no way to say a layer.</exception>
    public static byte[] Write(QuantizedProgram program, FloatNetwork network)
    {
        if (DynamicGraph.Takes(network)) return DynamicWriter.Write(program, network);
        return DynamicMeans.Write(program, g => new QdqWriter(program, network, g).Model());
    }

    private byte[] Model()
    {
        long[] input = Input();
        for (int i = 0; i < _program.Layers.Length; i++) Add(i);
        int last = _program.Layers.Length;
        return _graph.Build(
            _network.Name, input,
            _program.Output.IsFloat32 ? _floats.Flat(last) : Flat(last),
            _program.Output.Shape.Length);
    }

    private long[] Input()
    {
        InputStage stage = _program.Input;
        TensorShape shape = stage.Type.Shape;
        _isFlat[0] = shape.Positions == 1
            && _program.Layers.All(l => !l.Inputs.Contains(0) || Origin(l) is DenseLayer);
        long[] extents = _isFlat[0]
            ? [shape.Channels]
            : [shape.Channels, shape.Rows, shape.Columns];
        string value = Pixels(_graph, stage, _isFlat[0]);
        if (stage.Type.IsFloat32)
        {
            _values[0] = value;
            return extents;
        }

        if (stage.Levels is not null && stage.Black != stage.Type.ZeroPoint)
            throw new NotSupportedException(
                "the input's zero point is not that of a black pixel, since weights took over a "
                    + "normalisation, which ONNX has no way to say");
        _scales[0] = StepOf(stage);
        Check("the input", stage.Type);
        // Where signs are all that is taken of pixels, these are what they are taken of.
        _keeps[0] = SignsOfPixels();
        _values[0] = _keeps[0]
            ? value
            : QdqPixels.Quantized(_graph, stage, value, "input/real", _scales[0]);
        return extents;
    }

    /// <summary>One raw step of a program's pixels in a written graph.</summary>
    public static double StepOf(InputStage stage)
    {
        double step = stage.Levels / 255 ?? stage.Type.Scale;

        // float32's 1/255 is hardware's real scale already.
        return (float)step == stage.Type.Scale ? stage.Type.Scale : step;
    }

    /// <summary>The image, normalized as the input stage does it.</summary>
    public static string Pixels(QdqGraph graph, InputStage stage, bool isFlat)
    {
        if (stage.Normalization.IsEmpty) return "input";
        int channels = stage.Type.Shape.Channels;
        long[] per = isFlat ? [1, channels] : [1, channels, 1, 1];
        string scaled = graph.Node("Mul", "pixels/scaled", ["input", graph.Reals(
            "pixels/scale", [.. stage.Normalization.Select(n => n.Scale)], per)]);
        return graph.Node("Add", "pixels", [scaled, graph.Reals(
            "pixels/shift", [.. stage.Normalization.Select(n => n.Shift)], per)]);
    }

    private void Add(int index)
    {
        ProgramLayer layer = _program.Layers[index];
        if (layer.Output.IsFloat32)
        {
            _floats.Add(layer, index + 1);
            return;
        }

        if (layer is FloatQuantizeLayer)
        {
            (_scales[index + 1], _isFlat[index + 1]) =
                (layer.Output.Scale, _isFlat[layer.Inputs[0]]);
            Check($"layer '{layer.Name}'", layer.Output);
            string number = _values[layer.Inputs[0]];
            bool hasFour = layer.Output.Bits == 4;
            if (!hasFour)
                number = Clamped(layer, new(Moves: false), number, layer.Output.Scale, false);
            _values[index + 1] = _graph.Quantized(
                number, layer.Name, layer.Output, layer.Output.Scale, isNarrow: hasFour);
            return;
        }

        if (IsPart(layer))
        {
            _scales[index + 1] = layer.Output.Scale;
            return;
        }

        FakeQuantizer? own = OwnUnits.Of(_network, layer);
        bool areOpen = AreOpen(index), areLogits = AreLogits(index) || areOpen;
        if (!areOpen && !(areLogits && Origin(layer) is DenseLayer))
            Check($"layer '{layer.Name}'", layer.Output);
        int from = layer.Inputs[0];
        var form = QdqForm.Of(layer, Origin(layer), _program.Tensor(from).Scale);
        bool moves = form.Moves;
        _scales[index + 1] = moves ? _scales[from] : layer.Output.Scale;
        _isFlat[index + 1] = form.IsFlat ?? layer.Inputs.All(i => _isFlat[Whole(i)]);
        if (!moves && layer is not MacLayer
            && layer.Inputs.Any(t => _scales[t] != _program.Tensor(t).Scale))
            throw new NotSupportedException(
                $"layer '{layer.Name}' reads pixels whose step is not that of the hardware's "
                    + "format, which only weights can make up for");
        if (!moves && own is { Unit: QuantizerUnit.Shift } && layer is MacLayer sums)
        {
            _values[index + 1] = QonnxUnits.Dropped(
                _graph, sums, _values[from], _scales[from], own);
            _keeps[index + 1] = true;
            return;
        }

        bool areSigns = !moves && own is { Unit: QuantizerUnit.Sign };
        string real = Node(layer, $"{layer.Name}/real");
        if (!areLogits) real = Clamped(layer, form, real, _scales[index + 1], areSigns);
        // What was quantized by a unit of its own, and then moved, is as it was.
        _keeps[index + 1] = areSigns || (moves && _keeps[from]);
        _values[index + 1] =
            areSigns ? QonnxUnits.Signs(_graph, layer.Name, real, _scales[index + 1])
            : areLogits || _keeps[index + 1] ? real
            : _graph.Quantized(real, layer.Name, layer.Output, _scales[index + 1]);
        // A pair for these behind the one that the layer has alone.
        if (!areSigns && !areLogits && !moves && IsReadAgain(index))
            _values[index + 1] = _graph.Quantized(
                QdqMoves.Apart(
                    _graph, _values[index + 1], $"{layer.Name}/again/real", _isFlat[index + 1],
                    layer.Output.Shape),
                $"{layer.Name}/again", layer.Output, _scales[index + 1]);
    }

    private bool SignsOfPixels() => _program.Input.Type.Bits == 1
        && _program.Layers.All(l => !l.Inputs.Contains(0)
            || OwnUnits.Of(_network, l) is { Unit: QuantizerUnit.Sign });

    private string Node(ProgramLayer layer, string name)
    {
        // What is joined has one shape: [batch, features] where all have that.
        bool isImage = layer is MaxPoolLayer or AveragePoolLayer
            || (layer is MacLayer && Origin(layer) is not DenseLayer)
            || !layer.Inputs.All(t => _isFlat[Whole(t)]);
        string[] inputs =
            [.. layer.Inputs.Select(Whole).Select(t => isImage ? Image(t) : _values[t])];
        return layer switch
        {
            MacLayer { Output.Bits: 32 } sums when Origin(sums) is not DenseLayer =>
                new QdqMac(_graph, sums, _scales[sums.Inputs[0]]).AddRows(
                    name, Flat(sums.Inputs[0])),
            // As a convolution its scale would be rounded otherwise.
            MacLayer mean when QdqMac.IsMean(mean, Origin(mean), _scales[mean.Inputs[0]]) =>
                _graph.Node("GlobalAveragePool", name, inputs),
            MacLayer mac => new QdqMac(_graph, mac, _scales[mac.Inputs[0]]).Add(
                name, Origin(mac) is DenseLayer ? Flat(mac.Inputs[0]) : inputs[0],
                Origin(mac) is DenseLayer),
            MaxPoolLayer pool => _graph.Node(
                "MaxPool", name, inputs, QdqMac.Window(pool.Geometry, isPool: true)),
            AveragePoolLayer pool => _graph.Node(
                "AveragePool", name, inputs, QdqMac.Window(pool.Geometry, isPool: true)),
            ReshapeLayer => _graph.Node("Flatten", name, inputs),
            Kernels.Datapath.RearrangeLayer moved => QdqMoves.Rearranged(
                _graph, moved, inputs[0], name),
            Kernels.Datapath.AddLayer { Inputs.Length: 2 } => _graph.Node("Add", name, inputs),
            Kernels.Datapath.MultiplyLayer => _graph.Node("Mul", name, inputs),
            Kernels.Datapath.ConcatLayer { Inputs.Length: > 1 } => _graph.Node(
                "Concat", name, inputs, QdqGraph.I("axis", 1)),
            Kernels.Datapath.ConcatLayer or ClampLayer => inputs[0],
            Kernels.Datapath.SoftmaxLayer => _graph.Node(
                "Softmax", name, [Flat(layer.Inputs[0])], QdqGraph.I("axis", 1)),
            LookupLayer when Origin(layer) is FakeQuantizeLayer
            {
                Quantizer: { Rounding: RoundingMode.NearestTiesToEven, Offset: 0 },
            } => AreMerged(layer)
                ? QdqMoves.Apart(
                    _graph, inputs[0], name, _isFlat[layer.Inputs[0]], layer.Output.Shape)
                : inputs[0],
            LookupLayer when QdqFunctions.Composed(_graph, Origin(layer), inputs[0], name)
                is { } composed => composed,
            LookupLayer when QdqFunctions.Of(Origin(layer)) is var (type, attributes) =>
                _graph.Node(type, name, inputs, attributes),
            _ => throw new NotSupportedException(
                $"layer '{layer.Name}' ({Origin(layer)?.Kind}): ONNX has no operator for it "
                    + "between quantizers (supported: .yaml, .npz)"),
        };
    }

    /// <summary>A tensor as [batch, features].</summary>
    private string Flat(int tensor) => _isFlat[tensor]
        ? _values[tensor]
        : Shaped(tensor, "flat", name => _graph.Node("Flatten", name, [_values[tensor]]));

    /// <summary>A tensor as [batch, channels, rows, columns].</summary>
    private string Image(int tensor) => !_isFlat[tensor]
        ? _values[tensor]
        : Shaped(tensor, "image", name => _graph.Node("Reshape", name, [
            _values[tensor], _graph.Integers(
                $"{name}/shape", 0, _program.Tensor(tensor).Shape.Channels, 1, 1)]));

    private string Shaped(int tensor, string how, Func<string, string> shape) =>
        _graph.Once($"{_values[tensor]}/{how}", name => _graph.Quantized(
            shape($"{name}/real"), name, _program.Tensor(tensor), _scales[tensor]));

    /// <summary>What hardware cuts off, and the ONNX type does not.</summary>
    private string Clamped(
        ProgramLayer layer, QdqForm form, string real, double scale, bool areSigns)
    {
        TensorType type = layer.Output;
        (long low, long high) = form.Clamp;
        if (areSigns && (low, high) == (-1, 1)) return real;
        bool isWhole = type.Bits is 8 or 16;
        if (!isWhole)
            (low, high) = (Math.Max(low, type.MinRaw), Math.Min(high, type.MaxRaw));
        if (low == type.ZeroPoint && high == long.MaxValue)
            return _graph.Node("Relu", $"{layer.Name}/clamped", [real]);
        if (low <= type.MinRaw && high >= type.MaxRaw && isWhole) return real;
        return _graph.Node("Clip", $"{layer.Name}/clamped", [
            real,
            _graph.Reals($"{layer.Name}/min", [Bound(Math.Max(low, type.MinRaw))]),
            _graph.Reals($"{layer.Name}/max", [Bound(Math.Min(high, type.MaxRaw))]),
        ]);

        float Bound(long raw) => (float)((raw - type.ZeroPoint) * scale);
    }

    private static void Check(string what, TensorType type)
    {
        if (type.Bits > 16)
            throw new NotSupportedException(
                $"{what} has {type.Bits} bits, and ONNX quantizes to at most 16");
    }

    private FloatLayer? Origin(ProgramLayer layer) =>
        _network.Layers.FirstOrDefault(l => l.Name == layer.Name);
}
