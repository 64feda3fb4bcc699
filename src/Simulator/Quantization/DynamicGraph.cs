using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// A network that was quantized dynamically before it got here, on a datapath. Between its layers
/// are float32 numbers; each convolution or dense layer finds scale and zero point of what it
/// reads, sums integers in the profile's accumulator, and makes numbers of the sums again. Scales
/// are found and used in float32 on every profile, and nothing is calibrated.
/// </summary>
internal sealed class DynamicGraph
{
    private readonly FloatNetwork _network;
    private readonly Datapath _datapath;
    private readonly int[] _tensorOf;
    private readonly int[] _rangeOf;
    private readonly Dictionary<int, (QuantizedTensor Tensor, int Range)> _products = [];
    private readonly List<ProgramLayer> _layers = [];
    private readonly List<int> _sources = [];
    private readonly int _lastMac;
    private readonly FloatUnits _units;
    private readonly Quotients _quotients;

    private DynamicGraph(FloatNetwork network, Datapath datapath)
    {
        (_network, _datapath) = (network, datapath);
        _units = new(network, layer => Emit(-1, layer));
        _quotients = new(network, new(network));
        _lastMac = network.Layers.ToList().FindLastIndex(l => OwnWeights.Of(l) is not null);
        _tensorOf = new int[network.Layers.Length + 1];
        _rangeOf = new int[network.Layers.Length + 1];
    }

    /// <summary>Whether a network is one for this class.</summary>
    public static bool Takes(FloatNetwork network) =>
        network.Layers.Any(l => l is Networks.DynamicQuantizeLayer);

    /// <summary>The program.</summary>
    /// <exception cref="QuantizationException">The datapath cannot run all of it.</exception>
    public static QuantizedProgram Build(FloatNetwork network, Datapath datapath, ulong seed)
    {
        var build = new DynamicGraph(network, datapath);
        // What the file itself does to pixels is a layer; what QSim puts ahead of it is not.
        BatchNormLayer? norm = BatchNormFolding.Preprocessing(network) is { Float32: null } own
            ? own
            : null;
        for (int i = norm is null ? 0 : 1; i < network.Layers.Length; i++) build.Add(i);
        var program = new QuantizedProgram(
            $"{network.Name} on {datapath.Name}",
            new(
                TensorType.Float32(network.Input), RoundingMode.NearestTiesToEven,
                OverflowMode.Saturate)
            {
                Normalization = norm is null ? [] : [.. norm.Scale.Zip(norm.Shift)],
            },
            [.. build._layers], seed)
        {
            Sources = [norm is null ? 0 : 1, .. build._sources],
        };
        return ProgramLimits.WhyNot(program) is { } reason
            ? throw new QuantizationException($"{datapath.Name}: {reason}")
            : program;
    }

    private void Add(int index)
    {
        FloatLayer layer = _network.Layers[index];
        TensorShape shape = _network.Shape(index + 1);
        ImmutableArray<int> inputs = [.. layer.Inputs.Select(t => _tensorOf[t])];
        bool readsIntegers = _rangeOf[layer.Inputs[0]] != 0;
        if (IsOfMatrices(index, layer)) return;
        if (layer is Networks.MultiplyLayer && layer.Inputs.All(t => _rangeOf[t] != 0))
        {
            Product(index, layer, inputs);
            return;
        }

        if (readsIntegers && layer is DenseLayer or Conv2dLayer)
        {
            Sums(index, layer, inputs[0], _rangeOf[layer.Inputs[0]]);
            return;
        }

        if (readsIntegers)
        {
            // An order of values that the next layer wants, behind the quantizer.
            Emit(index, GraphTensors.Moving(
                layer, inputs, Integers(_network.Shape(layer.Inputs[0])), shape)
                ?? throw Refuse(index)(layer.Kind, "it reads integers"));
            _rangeOf[index + 1] = _rangeOf[layer.Inputs[0]];
            return;
        }

        if (layer is PointLayer { IsDivisor: true })
        {
            _tensorOf[index + 1] = inputs[0];
            return;
        }

        if (Resizing.Reader(_network, index) is { } reader)
        {
            if (Resizing.Image(_network, index, reader) is { } image)
                Emit(index, _units.Of(image, inputs, image.Shape)!);
            else
                _tensorOf[index + 1] = inputs[0];
            return;
        }

        if (layer is not Networks.DynamicQuantizeLayer)
        {
            if (_quotients.WhyNot(index) is { } why)
                throw Refuse(index)(
                    "float32",
                    $"{why} (supported: {Quotients.Supported}; or quantize the network "
                        + "statically)");
            Emit(index, _units.Of(layer, inputs, shape)
                ?? throw Refuse(index)(layer.Kind, FloatUnits.Unknown(layer)));
            return;
        }

        int range = Emit(
            -1, new RangeLayer(
                $"{layer.Name}/range", inputs, TensorType.Float32(RangeLayer.Shape)));
        _tensorOf[index + 1] = Emit(-1, new Kernels.Datapath.DynamicQuantizeLayer(
            layer.Name, [inputs[0], range], Integers(shape).Type));
        _rangeOf[index + 1] = range;
    }

    /// <summary>
    /// Adds the sums of a product of two matrices. The products themselves are no layer: summed at
    /// once, they are never rounded.
    /// </summary>
    private bool IsOfMatrices(int index, FloatLayer layer)
    {
        if (layer is not Conv2dLayer { Products: { } sum })
            return layer is Networks.MultiplyLayer && _network.Layers.Any(l =>
                l is Conv2dLayer { Products: not null } && l.Inputs[0] == index + 1);
        FloatLayer product = _network.Layers[layer.Inputs[0] - 1];
        Emit(index, new FloatProductSumLayer(
            layer.Name, [.. product.Inputs.Select(t => _tensorOf[t])],
            TensorType.Float32(_network.Shape(index + 1)), sum));
        return true;
    }

    /// <summary>Exact products of integers, each of a range of its own, that a sum reads.</summary>
    private void Product(int index, FloatLayer layer, ImmutableArray<int> inputs)
    {
        QuantizedTensor one = Integers(_network.Shape(index + 1));
        QuantizedTensor exact = GraphTensors.Product(one.Type.Shape, one, one)!;
        LayerDatapath stages = _datapath.For(layer.Kind, layer.Name, index >= _lastMac);
        Emit(index, new JoinBuilder(Refuse(index), stages, exact, ClampBounds.None)
            .Product(layer.Name, inputs, one, one));
        _rangeOf[index + 1] = _rangeOf[layer.Inputs[0]];
        _products[index + 1] = (exact, _rangeOf[layer.Inputs[1]]);
    }

    /// <summary>Integers in, a number per output: sums, and their scale.</summary>
    private void Sums(int index, FloatLayer layer, int input, int range)
    {
        OwnWeights own = OwnWeights.Of(layer) ?? throw Refuse(index)(
            "weight", FloatUnits.WhyNoIntegers(layer));
        LayerDatapath stages = _datapath.For(layer.Kind, layer.Name, index >= _lastMac);
        if (stages.Product is not null || stages.Accumulator.FractionBits is not null)
            throw Refuse(index)(
                stages.Product is null ? "mac.accumulator.fraction_bits" : "mac.product",
                "a fixed binary point cannot go with a scale that depends on the image (use a "
                    + "profile whose accumulators have the operands' scale, as int8-wide has)");
        int channels = own.Scales.Length;
        bool isProduct = _products.TryGetValue(layer.Inputs[0], out var product);
        QuantizedTensor sums = GraphTensors.Of(
            _network.Shape(index + 1), TensorScale.PowerOfTwo(0),
            new() { Bits = 32, Signedness = Signedness.Signed, Scale = ScaleKind.PowerOfTwo });
        MacLayer mac = new MacLayerBuilder(
            Refuse(index), layer, stages,
            isProduct ? product.Tensor : Integers(_network.Shape(layer.Inputs[0])),
            (_, _, _) => { })
        {
            Own = own with
            {
                Scales = [.. Enumerable.Repeat(1f, channels)],
                Bias = [.. new long[channels]],
            },
        }.Build([input], sums, ClampBounds.None);
        Requantization whole = new RequantizationBuilder(
            Refuse(index), stages, sums, ClampBounds.None).Template(RequantizationKind.Shift);
        int at = Emit(-1, mac with
        {
            WeightSteps = [.. own.Scales.Select(s => (double)s)],
            Requantization = [.. mac.Requantization.Select(_ => whole)],
        });
        Emit(index, new DynamicRescaleLayer(
            $"{layer.Name}/numbers", isProduct ? [at, range, product.Range] : [at, range],
            TensorType.Float32(sums.Type.Shape),
            [.. own.Scales.Select(OrderedFloat.Of)],
            [.. layer.Parameters[1].Select(OrderedFloat.Of)]));
    }

    /// <summary>What a DynamicQuantizeLinear makes, in steps of its own.</summary>
    private static QuantizedTensor Integers(TensorShape shape) => GraphTensors.Of(
        shape, TensorScale.PowerOfTwo(0),
        new()
        {
            Bits = Kernels.Datapath.DynamicQuantizeLayer.Bits,
            Signedness = Signedness.Signed,
            Scale = ScaleKind.PowerOfTwo,
        });

    /// <summary>
    /// Adds a layer; its tensor, which stands for a float layer's, or with -1 for none.
    /// </summary>
    private int Emit(int index, ProgramLayer layer)
    {
        _layers.Add(layer);
        _sources.Add(index < 0 ? -1 : index + 1);
        if (index >= 0) _tensorOf[index + 1] = _layers.Count;
        return _layers.Count;
    }

    private Func<string, string, QuantizationException> Refuse(int index) => (key, why) =>
    {
        FloatLayer layer = _network.Layers[index];
        string advice = key == layer.Kind
            ? $" in a network that was quantized dynamically (supported: "
                + $"{FloatUnits.Supported}; or quantize the network statically)"
            : "";
        return new($"{_datapath.Name}: layer '{layer.Name}': {key}: {why}{advice}");
    };
}
