using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Writes a program with scales of each image as ONNX Runtime's quantize_dynamic writes such
/// networks: DynamicQuantizeLinear, ConvInteger or MatMulInteger, Cast, products with the scales
/// and biases; between them float32 operators. Accumulators are those of the tool that runs it.
/// </summary>
internal sealed class DynamicWriter
{
    private readonly QuantizedProgram _program;
    private readonly FloatNetwork _network;
    private readonly QdqGraph _graph;
    private readonly string[] _values;
    private readonly bool[] _isFlat;
    private readonly Dictionary<string, DynamicIntegers> _integers = [];

    private DynamicWriter(QuantizedProgram program, FloatNetwork network)
    {
        (_program, _network) = (program, network);
        _graph = new(DynamicMeans.NeedNewer([.. program.Layers.OfType<FloatAverageLayer>()]));
        int tensors = program.Layers.Length + 1;
        (_values, _isFlat) = (new string[tensors], new bool[tensors]);
    }

    /// <summary>The model's bytes.</summary>
    /// <exception cref="NotSupportedException">ONNX has no way to say a layer.</exception>
    public static byte[] Write(QuantizedProgram program, FloatNetwork network)
    {
        var writer = new DynamicWriter(program, network);
        TensorShape shape = program.Input.Type.Shape;
        writer._isFlat[0] = shape.Positions == 1;
        writer._values[0] = QdqWriter.Pixels(writer._graph, program.Input, shape.Positions == 1);
        for (int i = 0; i < program.Layers.Length; i++) writer.Add(program.Layers[i], i + 1);
        return writer._graph.Build(
            network.Name,
            shape.Positions == 1
                ? [shape.Channels] : [shape.Channels, shape.Rows, shape.Columns],
            writer.Flat(program.Layers.Length), program.Output.Shape.Length);
    }

    private void Add(ProgramLayer layer, int tensor)
    {
        int from = layer.Inputs[0];
        _isFlat[tensor] = _isFlat[from];
        switch (layer)
        {
            // Integers are made where they are used: an order of values does not change them.
            case RangeLayer:
                break;
            case Kernels.Datapath.DynamicQuantizeLayer:
                _values[tensor] = _values[from];
                break;
            case MacLayer:
                _values[tensor] = "";
                _isFlat[tensor] = IsDense(layer);
                break;
            case DynamicRescaleLayer rescale:
                _values[tensor] = Numbers(rescale, (MacLayer)_program.Layers[from - 1]);
                break;
            case ReshapeLayer:
                _values[tensor] = _graph.Node("Flatten", layer.Name, [_values[from]]);
                _isFlat[tensor] = true;
                break;
            case Kernels.Datapath.RearrangeLayer moved:
                _values[tensor] = QdqWriter.Rearranged(_graph, moved, _values[from], moved.Name);
                _isFlat[tensor] = moved.Output.Shape.Positions == 1;
                break;
            case ClampLayer clamp:
                _values[tensor] = Clamped(clamp, _values[from]);
                break;
            case FloatAffineLayer affine:
                _values[tensor] = Scaled(affine, _values[from], _isFlat[from]);
                break;
            case FloatPointLayer point:
                _values[tensor] = Function(point, _values[from]);
                break;
            case MaxPoolLayer or FloatAverageLayer:
                _values[tensor] = layer is FloatAverageLayer mean
                    ? DynamicMeans.Add(_graph, mean, Image(from))
                    : _graph.Node(
                        "MaxPool", layer.Name, [Image(from)],
                        QdqMac.Window(((MaxPoolLayer)layer).Geometry, isPool: true));
                _isFlat[tensor] = false;
                break;
            case FloatSoftmaxLayer:
                _values[tensor] = _graph.Node(
                    "Softmax", layer.Name, [Flat(from)], QdqGraph.I("axis", 1));
                _isFlat[tensor] = true;
                break;
            case FloatProductSumLayer sums:
                _values[tensor] = new DynamicMatrices(_graph, sums).Add(
                    Flat(from), Flat(layer.Inputs[1]));
                _isFlat[tensor] = false;
                break;
            default:
                _values[tensor] = Joined(layer);
                _isFlat[tensor] = layer.Inputs.All(i => _isFlat[i]);
                break;
        }
    }

    /// <summary>Integers times weights, a scale, a bias.</summary>
    private string Numbers(DynamicRescaleLayer rescale, MacLayer mac)
    {
        bool isDense = IsDense(mac);
        string value = isDense ? Flat(mac.Inputs[0]) : Image(mac.Inputs[0]);
        if (!_integers.TryGetValue(value, out DynamicIntegers? integers))
            _integers[value] = integers = _graph.Dynamic(value, $"{value}/dynamic");
        return new DynamicMac(_graph, mac, rescale).Add(integers, isDense);
    }

    private string Clamped(ClampLayer clamp, string value) =>
        clamp is { Min: 0, Max: >= OrderedFloat.Largest }
            ? _graph.Node("Relu", clamp.Name, [value])
            : _graph.Node("Clip", clamp.Name, [
                value,
                _graph.Reals($"{clamp.Name}/min", [OrderedFloat.Value(clamp.Min)]),
                _graph.Reals($"{clamp.Name}/max", [OrderedFloat.Value(clamp.Max)]),
            ]);

    /// <summary>A product or quotient, and a sum, where they change anything.</summary>
    private string Scaled(FloatAffineLayer layer, string value, bool isFlat)
    {
        float[] factors = [.. layer.Factors.Select(f => OrderedFloat.Value(f))];
        float[] shifts = [.. layer.Shifts.Select(s => OrderedFloat.Value(s))];
        long[] per = isFlat ? [factors.Length] : [factors.Length, 1, 1];
        // One factor per channel is a convolution to ONNX Runtime behind a pool, one number is not.
        bool isOne = factors.All(f => f == factors[0]);
        // What changes nothing may still end ONNX Runtime's blocks of channels ahead of a mean.
        bool adds = shifts.Any(s => s != 0)
            || (factors.All(f => f == 1) && factors.Length > 1 && !isFlat);
        string scaled = factors.All(f => f == 1)
            ? value
            : _graph.Node(
                layer.Scaling == FloatScaling.Quotient ? "Div" : "Mul",
                adds ? $"{layer.Name}/scaled" : layer.Name,
                [
                    value,
                    isOne
                        ? _graph.Reals($"{layer.Name}/factor", [factors[0]])
                        : _graph.Reals($"{layer.Name}/factor", factors, per),
                ]);
        return adds
            ? _graph.Node(
                "Add", layer.Name, [scaled, _graph.Reals($"{layer.Name}/shift", shifts, per)])
            : scaled;
    }

    private string Function(FloatPointLayer point, string value)
    {
        float a = OrderedFloat.Value(point.A), b = OrderedFloat.Value(point.B);
        string name = point.Name;
        return point.Function switch
        {
            FloatFunction.Tanh => _graph.Node("Tanh", name, [value]),
            FloatFunction.Sigmoid => _graph.Node("Sigmoid", name, [value]),
            FloatFunction.Erf => _graph.Node("Erf", name, [value]),
            FloatFunction.LeakyRelu => _graph.Node(
                "LeakyRelu", name, [value], QdqGraph.F("alpha", a)),
            FloatFunction.Elu => _graph.Node("Elu", name, [value], QdqGraph.F("alpha", a)),
            FloatFunction.HardSigmoid => _graph.Node(
                "HardSigmoid", name, [value], QdqGraph.F("alpha", a), QdqGraph.F("beta", b)),
            // ONNX's own Gelu would need an opset that sums windows in another order.
            FloatFunction.Gelu => _graph.Microsofts("Gelu", name, [value]),
            FloatFunction.GeluTanh => _graph.Microsofts("FastGelu", name, [value]),
        };
    }

    /// <summary>Layers of several tensors, all of them flat or none.</summary>
    private string Joined(ProgramLayer layer)
    {
        bool areFlat = layer.Inputs.All(i => _isFlat[i]);
        string[] inputs = [.. layer.Inputs.Select(i => areFlat ? _values[i] : Image(i))];
        return layer switch
        {
            FloatAddLayer => _graph.Node("Add", layer.Name, inputs),
            FloatMultiplyLayer => _graph.Node("Mul", layer.Name, inputs),
            Kernels.Datapath.ConcatLayer => _graph.Node(
                "Concat", layer.Name, inputs, QdqGraph.I("axis", 1)),
            _ => throw new NotSupportedException(
                $"layer '{layer.Name}': ONNX has no operator for it (supported: .npz)"),
        };
    }

    /// <summary>A tensor as [batch, features].</summary>
    private string Flat(int tensor) => _isFlat[tensor]
        ? _values[tensor]
        : _graph.Once($"{_values[tensor]}/flat", name => _graph.Node(
            "Flatten", name, [_values[tensor]]));

    /// <summary>A tensor as [batch, channels, rows, columns].</summary>
    private string Image(int tensor)
    {
        if (!_isFlat[tensor]) return _values[tensor];
        return _graph.Once($"{_values[tensor]}/image", name => _graph.Node(
            "Reshape", name, [_values[tensor], _graph.Integers(
                $"{name}/shape", 0, _program.Tensor(tensor).Shape.Channels, 1, 1)]));
    }

    private bool IsDense(ProgramLayer layer) =>
        _network.Layers.First(l => l.Name == layer.Name) is DenseLayer;
}
