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
    private readonly FloatNodes _floats;
    private readonly Dictionary<string, DynamicIntegers> _integers = [];

    private DynamicWriter(QuantizedProgram program, FloatNetwork network, QdqGraph graph)
    {
        (_program, _network, _graph) = (program, network, graph);
        int tensors = program.Layers.Length + 1;
        (_values, _isFlat) = (new string[tensors], new bool[tensors]);
        _floats = new(_graph, program, network, _values, _isFlat);
    }

    /// <summary>The model's bytes.</summary>
    /// <exception cref="NotSupportedException">ONNX has no way to say a layer.</exception>
    public static byte[] Write(QuantizedProgram program, FloatNetwork network) =>
        DynamicMeans.Write(program, g => new DynamicWriter(program, network, g).Model());

    private byte[] Model()
    {
        TensorShape shape = _program.Input.Type.Shape;
        _isFlat[0] = shape.Positions == 1;
        _values[0] = QdqWriter.Pixels(_graph, _program.Input, shape.Positions == 1);
        int last = _program.Layers.Length;
        for (int i = 0; i < last; i++) Add(_program.Layers[i], i + 1);
        return _graph.Build(
            _network.Name,
            shape.Positions == 1
                ? [shape.Channels] : [shape.Channels, shape.Rows, shape.Columns],
            _floats.Flat(last), _program.Output.Shape.Length);
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
            case MacLayer or Kernels.Datapath.MultiplyLayer:
                _values[tensor] = "";
                _isFlat[tensor] = layer is MacLayer && IsDense(layer);
                break;
            case DynamicRescaleLayer rescale:
                var mac = (MacLayer)_program.Layers[from - 1];
                _values[tensor] = rescale.Inputs.Length > 2
                    ? Matrices(rescale, mac)
                    : Numbers(rescale, mac);
                break;
            default:
                _floats.Add(layer, tensor);
                break;
        }
    }

    /// <summary>Integers times weights, a scale, a bias.</summary>
    private string Numbers(DynamicRescaleLayer rescale, MacLayer mac)
    {
        bool isDense = IsDense(mac);
        string value = isDense ? _floats.Flat(mac.Inputs[0]) : _floats.Image(mac.Inputs[0]);
        if (!_integers.TryGetValue(value, out DynamicIntegers? integers))
            _integers[value] = integers = _graph.Dynamic(value, $"{value}/dynamic");
        return new DynamicMac(_graph, mac, rescale).Add(integers, isDense);
    }

    /// <summary>Products of integers of two ranges, and their sums.</summary>
    private string Matrices(DynamicRescaleLayer rescale, MacLayer mac)
    {
        ProgramLayer product = _program.Layers[mac.Inputs[0] - 1];
        return new DynamicMatrices(
            _graph, rescale.Name, rescale.Output.Shape, mac.Weights.Length / mac.Bias.Length)
            .Integers(
                _floats.Flat(product.Inputs[0]), _floats.Flat(product.Inputs[1]),
                [.. rescale.Bias.Select(b => OrderedFloat.Value(b))]);
    }

    private bool IsDense(ProgramLayer layer) =>
        _network.Layers.First(l => l.Name == layer.Name) is DenseLayer;
}
