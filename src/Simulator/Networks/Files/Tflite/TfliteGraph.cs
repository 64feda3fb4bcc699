using System.Runtime.InteropServices;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files.Tflite;

/// <summary>A value between layers.</summary>
/// <param name="Index">Tensor of the float network.</param>
/// <param name="Extents">Rows, columns and channels, or fewer; without the batch.</param>
internal readonly record struct TfliteValue(int Index, int[] Extents);

/// <summary>Layers of a TensorFlow Lite model while they are made.</summary>
/// <param name="file">The file's name, for messages.</param>
/// <param name="model">The model.</param>
/// <param name="images">Shape of an image.</param>
internal sealed class TfliteGraph(string file, TfliteModel model, TensorShape images)
{
    private readonly List<FloatLayer> _layers = [];
    private readonly List<TensorShape> _shapes = [images];
    private readonly Dictionary<int, TfliteValue> _values = [];
    private readonly Dictionary<int, TfliteTensor> _constants = [];
    private long _weights;

    /// <summary>The layers so far.</summary>
    public IReadOnlyList<FloatLayer> Layers => _layers;

    /// <summary>A tensor of the model.</summary>
    public TfliteTensor Tensor(int index) =>
        _constants.GetValueOrDefault(index) ?? model.Tensors[index];

    /// <summary>An operator's input as a tensor of the model.</summary>
    /// <exception cref="InputException">It has none.</exception>
    public TfliteTensor Operand(TfliteOperator node, int input) =>
        node.Has(input) ? Tensor(node.Inputs[input]) : throw Fail(node, $"lacks input {input}");

    /// <summary>A constant input.</summary>
    /// <exception cref="InputException">It depends on the image, or is too large.</exception>
    public TfliteTensor Constant(TfliteOperator node, int input)
    {
        TfliteTensor tensor = Operand(node, input);
        if (!tensor.IsConstant || tensor.ElementBytes == 0)
            throw Fail(node, $"its input {input} is not a constant of a known type");
        if ((_weights += tensor.Data.Length / tensor.ElementBytes) > Sizes.MostWeights)
            throw Fail(node, $"all constants up to it hold more than {Sizes.MostWeights} values");
        return tensor;
    }

    /// <summary>A constant input of axes, extents or the like.</summary>
    /// <exception cref="InputException">It depends on the image, or is of another type.</exception>
    public long[] Indices(TfliteOperator node, int input)
    {
        TfliteTensor tensor = Constant(node, input);
        return tensor.Type is TfliteType.Int32 or TfliteType.Int64
            ? tensor.Integers()
            : throw Fail(
                node, $"its input {input} is {tensor.Type} (supported: Int32, Int64)");
    }

    /// <summary>An input that depends on the image.</summary>
    /// <exception cref="InputException">It does not.</exception>
    public TfliteValue Value(TfliteOperator node, int input) =>
        node.Has(input) && _values.TryGetValue(node.Inputs[input], out TfliteValue value)
            ? value
            : throw Fail(node, $"its input {input} does not depend on the image");

    /// <summary>What a tensor of the model is, if anything made it.</summary>
    public TfliteValue? Find(int tensor) =>
        _values.TryGetValue(tensor, out TfliteValue value) ? value : null;

    /// <summary>Shape of a value.</summary>
    public TensorShape Shape(TfliteValue value) => _shapes[value.Index];

    /// <summary>Notes what a tensor of the model is.</summary>
    public void Set(int tensor, TfliteValue value) => _values[tensor] = value;

    /// <summary>Notes that a tensor of the model is a constant of float32.</summary>
    public void SetConstant(int tensor, float[] reals) =>
        _constants[tensor] = model.Tensors[tensor] with
        {
            Type = TfliteType.Float32,
            Data = MemoryMarshal.AsBytes<float>(reals).ToArray(),
        };

    /// <summary>Extents of a tensor of the model, without its batch of one.</summary>
    /// <exception cref="InputException">Its batch is not one.</exception>
    public int[] Extents(TfliteOperator? node, int tensor)
    {
        int[] shape = Tensor(tensor).Shape;
        return shape is [1, .. { Length: >= 1 and <= 3 } rest] && rest.All(e => e > 0)
            ? rest
            : throw Fail(
                node, $"tensor '{Brief.Name(Tensor(tensor).Name)}' is "
                    + $"[{string.Join(", ", shape)}] (supported: [1, rows, columns, channels], or "
                    + "less)");
    }

    /// <summary>Extents with channels first, as layers have them.</summary>
    public static TensorShape Shaped(int[] extents) => extents switch
    {
        [int channels] => new(channels),
        [int rows, int channels] => new(channels, rows),
        _ => new(extents[2], extents[0], extents[1]),
    };

    /// <summary>Adds a layer.</summary>
    public int Emit(FloatLayer layer)
    {
        try
        {
            TensorShape shape = layer.OutputShape([.. layer.Inputs.Select(i => _shapes[i])]);
            if (shape.Length < 1)
                throw new ArgumentException($"layer '{layer.Name}' makes {shape}");
            _layers.Add(layer);
            _shapes.Add(shape);
            return _layers.Count;
        }
        catch (ArgumentException e)
        {
            throw new InputException(InputError.InBinary(file, e.Message));
        }
    }

    /// <summary>
    /// What an operator's layer makes: its fused activation, the format, and the extents that the
    /// model says.
    /// </summary>
    /// <param name="node">The operator.</param>
    /// <param name="made">The layer's output.</param>
    /// <param name="activation">Which activation is fused.</param>
    /// <param name="moves">
    /// Whether values keep their format, which the model then has to say, too.
    /// </param>
    public void Finish(TfliteOperator node, int made, int activation, bool moves = false)
    {
        string name = _layers[made - 1].Name;
        made = activation switch
        {
            0 => made,
            1 => Emit(new ReluLayer($"{name}/relu", [made])),
            2 => Emit(new PointLayer($"{name}/relu1", [made], PointFunction.Clip, -1, 1)),
            3 => Emit(new PointLayer($"{name}/relu6", [made], PointFunction.Clip, 0, 6)),
            _ => throw Fail(
                node, $"its fused activation {activation} is not supported (supported: RELU, "
                    + "RELU_N1_TO_1, RELU6)"),
        };
        int tensor = node.Outputs[0];
        int[] extents = Extents(node, tensor);
        if (Shaped(extents) != _shapes[made])
            throw Fail(node, $"makes {_shapes[made]} where the model says {Shaped(extents)}");
        if (moves) CheckSame(node, 0, 0);
        else if (Quantizer(node, tensor) is { } quantizer)
            made = Emit(new FakeQuantizeLayer($"{name}/output", [made], quantizer));
        Set(tensor, new(made, extents));
    }

    /// <summary>The format of a tensor; null of float32.</summary>
    /// <exception cref="InputException">It is another type, or has several scales.</exception>
    public FakeQuantizer? Quantizer(TfliteOperator? node, int index)
    {
        TfliteTensor tensor = Tensor(index);
        if (tensor.Type == TfliteType.Float32) return null;
        if (tensor.Format is not var (bits, isSigned) || tensor.Scales is not [var scale])
            throw Fail(
                node, $"tensor '{Brief.Name(tensor.Name)}' is of type {tensor.Type} with "
                    + $"{tensor.Scales.Length} scales (supported: float32; int8, uint8, int16 with "
                    + "one)");
        var format = new ValueFormat
        {
            Bits = bits,
            Signedness = isSigned ? Signedness.Signed : Signedness.Unsigned,
        };
        ConversionSpec target = RealConversion.Target(format, isSigned);
        long zero = tensor.ZeroPoints[0];
        return zero >= target.Min && zero <= target.Max
            ? new(TensorScale.Real(scale, (int)zero), RoundingMode.NearestTiesToEven, target)
            : throw Fail(
                node, $"tensor '{Brief.Name(tensor.Name)}' has zero point {zero}, outside of "
                    + $"{tensor.Type} ({target.Min}..{target.Max})");
    }

    /// <summary>An error about an operator.</summary>
    public InputException Fail(TfliteOperator? node, string why) => new(InputError.InBinary(
        file, node is null
            ? why
            : $"operator {node.Index} ({TfliteOperators.Name(node)}): {why}"));

    /// <summary>What an operator made of an input that it only moves.</summary>
    public void Moved(TfliteOperator node, int made, int input, int output)
    {
        int[] extents = Extents(node, node.Outputs[output]);
        if (Shaped(extents) != _shapes[made])
            throw Fail(node, $"makes {_shapes[made]} where the model says {Shaped(extents)}");
        CheckSame(node, input, output);
        Set(node.Outputs[output], new(made, extents));
    }

    private void CheckSame(TfliteOperator node, int input, int output)
    {
        if (Quantizer(node, node.Inputs[input]) != Quantizer(node, node.Outputs[output]))
            throw Fail(node, "changes scale or zero point, which it only moves in hardware");
    }
}
