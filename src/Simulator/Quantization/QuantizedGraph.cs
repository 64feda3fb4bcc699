using System.Collections.Immutable;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// A network that was quantized before it got here, on a datapath: its own scales, zero points,
/// widths and integers, the profile's accumulator, requantization and pooling. Nothing is
/// calibrated.
/// </summary>
internal sealed partial class QuantizedGraph
{
    private readonly FloatNetwork _network;
    private readonly Datapath _datapath;
    private readonly BatchNormLayer? _norm;
    private readonly DeclaredTensors _declared;
    private readonly DeclaredFormat? _image;
    private readonly InputStage _stage;
    private readonly GraphEnds _ends;
    private readonly int _lastMac;
    private readonly int[] _tensorOf;
    private readonly List<QuantizedTensor> _tensors = [];
    private readonly List<int> _sources = [];
    private readonly List<ProgramLayer> _layers = [];
    private readonly List<ParameterEvents> _events = [];
    private readonly FloatUnits _units;
    private readonly Dictionary<int, int> _numbersOf = [];

    private QuantizedGraph(
        FloatNetwork network, Datapath datapath, CalibrationSet? calibration)
    {
        (_network, _datapath, _ends) = (network, datapath, new(network));
        _declared = new(datapath.Name);
        _units = new(network, AddBetween);
        _norm = BatchNormFolding.Preprocessing(network);
        if (_norm is { Float32: not null } && _ends.MeetsNumbers(0)) _norm = null;
        _lastMac = ProgramBuilder.LastMac(network);
        _tensorOf = new int[network.Layers.Length + 1];
        Array.Fill(_tensorOf, -1);
        int image = _norm is null ? 0 : 1;
        _image = DeclaredOf(image);
        (QuantizedTensor pixels, _stage) = new GraphImage(network, datapath, _norm)
            .Of(_ends, image, _image, calibration);
        _tensors.Add(pixels);
        _sources.Add(image);
        _tensorOf[image] = 0;
        if (_image is not null) _tensorOf[image + 1] = 0;
    }

    /// <summary>The program.</summary>
    /// <exception cref="QuantizationException">The datapath cannot run all of it.</exception>
    /// <exception cref="InputException">An override of the profile matches no layer.</exception>
    public static QuantizedProgram Build(
        FloatNetwork network, Datapath datapath, CalibrationSet? calibration, ulong seed)
    {
        IReadOnlyList<InputError> unmatched = datapath.Unmatched(
            [.. network.Layers.Select(l => (l.Kind, l.Name))]);
        if (unmatched.Count > 0) throw new InputException(unmatched);
        network = OptimizedPairs.Of(network, datapath);
        var build = new QuantizedGraph(network, datapath, calibration);
        for (int i = build._norm is null ? 0 : 1; i < network.Layers.Length; i++)
            if (build._tensorOf[i + 1] < 0) build.Add(i);
        return build.Finish(seed);
    }

    private QuantizedProgram Finish(ulong seed)
    {
        var program = new QuantizedProgram(
            $"{_network.Name} on {_datapath.Name}", _stage, [.. _layers], seed)
        {
            Sources = [.. _sources],
            ParameterEvents = [.. _events],
        };
        return ProgramLimits.WhyNot(program) is { } reason
            ? throw new QuantizationException($"{_datapath.Name}: {reason}")
            : program;
    }

    private void Add(int index)
    {
        FloatLayer layer = _network.Layers[index];
        ImmutableArray<int> inputs = [.. layer.Inputs.Select(t => _tensorOf[t] >= 0
            ? _tensorOf[t]
            : throw Refuse(index)("input", "it reads what nothing has quantized"))];
        if (IsUnspread(index, inputs) || IsOfMatrices(index, inputs)) return;
        QuantizedTensor input = _tensors[inputs[0]];
        if (inputs.Any(i => _tensors[i].Type.IsFloat32) || HasNoIntegers(layer))
        {
            Float(index, inputs);
            return;
        }

        if (layer is FakeQuantizeLayer { Quantizer: var quantizer })
        {
            QuantizedTensor wanted = GraphTensors.Of(input.Type.Shape, quantizer);
            if (_image is null && wanted.Type == input.Type && wanted.Unit == input.Unit)
                _tensorOf[index + 1] = inputs[0];
            else
                Convert(index, index, inputs, quantizer, ClampBounds.None);
            return;
        }

        GraphEnd end = _ends.Of(index);
        if (ClampBounds.Of(layer) is { } bounds)
        {
            Clamp(index, inputs, end, bounds);
            return;
        }

        if (GraphTensors.Moving(layer, inputs, input, _network.Shape(index + 1)) is { } same)
        {
            Emit(index, input.Reshaped(_network.Shape(index + 1)), same);
            return;
        }

        if (end.Quantizer is { Unit: QuantizerUnit.Sign }
            && layer is not (Conv2dLayer or DenseLayer))
            throw Refuse(index)(
                layer.Kind, "signs are taken of what it writes (supported: of convolutions, dense "
                    + "layers and quantized values)");
        if (Resize(index, end, inputs) || Open(index, inputs, end)) return;
        if (IsOfOtherIntegers(index, inputs, end) || IsInNumbers(index, inputs, end))
        {
            Float(index, inputs);
            return;
        }

        if (layer is AveragePool2dLayer pool && Average(index, pool, end, inputs, input)) return;
        if (layer is Networks.MultiplyLayer && end.Quantizer is null
            && _ends.MeetsSums(index + 1, orNothing: _image is not null))
        {
            Product(index, inputs);
            return;
        }

        bool areAlike = layer is Networks.ConcatLayer
            && GraphTensors.AreAlike([.. inputs.Select(i => _tensors[i])]);
        if (!areAlike && IsOpen(index, layer, end))
        {
            Float(index, inputs);
            return;
        }

        QuantizedTensor output = end.Quantizer is { } own ? Output(index, end.Last, own)
            : areAlike ? input.Reshaped(_network.Shape(index + 1))
            : Logits(index, layer, input);
        EmitUnit(index, inputs, end, output);
    }

    private ProgramLayer Requantizing(
        int index, ImmutableArray<int> inputs, QuantizedTensor output, ClampBounds clamp)
    {
        FloatLayer layer = _network.Layers[index];
        QuantizedTensor input = _tensors[inputs[0]];
        QuantizedTensor[] all = [.. inputs.Select(i => _tensors[i])];
        LayerDatapath stages = Stages(index, [output, .. all]);
        var join = new JoinBuilder(Refuse(index), stages, output, clamp);
        if (OwnWeights.Of(layer) is { Declared: { } stated } weights)
            _declared.CheckWeights(weights, stated.At, stages);
        return layer switch
        {
            Conv2dLayer or DenseLayer => new MacLayerBuilder(
                Refuse(index), layer, stages, input, RecordParameters)
            {
                Own = Weights(index, inputs, stages),
            }.Build(inputs, output, clamp),
            AveragePool2dLayer pool => new OwnAverage(Refuse(index), stages, input, output)
                .Build(pool, inputs, clamp),
            Networks.AddLayer => join.Add(layer.Name, inputs, all),
            Networks.ConcatLayer => Joined(index, join, inputs, all, output),
            Networks.MultiplyLayer => join.Multiply(
                layer.Name, inputs, all[0], all[1], isOwn: _image is null),
            Networks.SoftmaxLayer => new SoftmaxBuilder(
                Refuse(index), stages, input, output, RecordParameters)
                .Build(layer.Name, inputs),
            SigmoidLayer or TanhLayer or PointLayer => Table(index, inputs, input, output),
            _ => throw Refuse(index)(layer.Kind, "has no form in quantized graphs"),
        };
    }

    /// <summary>
    /// A layer's own weights; biases whose integers are none of its sums' are real numbers, but for
    /// ONNX Runtime's Gemm, which takes the integers.
    /// </summary>
    private OwnWeights Weights(int index, ImmutableArray<int> inputs, LayerDatapath stages)
    {
        FloatLayer layer = _network.Layers[index];
        OwnWeights own = OwnWeights.Of(layer) ?? throw Refuse(index)(
            "weight", FloatUnits.WhyNoIntegers(layer));
        bool takesIntegers = layer is DenseLayer && OptimizedPairs.AreOnnxRuntimes(stages);
        return HasOtherBias(layer, inputs) && !takesIntegers ? own with { Bias = [] } : own;
    }

    /// <summary>The tensor that a layer writes.</summary>
    /// <param name="index">The layer.</param>
    /// <param name="last">What quantizes it.</param>
    /// <param name="quantizer">The format.</param>
    private QuantizedTensor Output(int index, int last, FakeQuantizer quantizer)
    {
        TensorShape shape = _network.Shape(index + 1);
        if (DeclaredOf(last) is not { } declared) return GraphTensors.Of(shape, quantizer);
        LayerDatapath stages = Stages(index, []);
        return OwnWeights.Of(_network.Layers[index])?.Declared is { Kind: DeclaredKind.None }
            ? _declared.Sums(shape, quantizer, declared.At, stages.Accumulator)
            : _declared.Output(shape, quantizer, declared.At, stages.Output);
    }

    private DeclaredFormat? DeclaredOf(int index) =>
        (_network.Layers[index] as FakeQuantizeLayer)?.Declared;

    /// <summary>Notes what did not fit, of the layer that is being built.</summary>
    private void RecordParameters(string stage, long overflowed, long count)
    {
        if (overflowed > 0) _events.Add(new(_layers.Count, stage, overflowed, count));
    }

    private void Emit(int last, QuantizedTensor output, ProgramLayer layer)
    {
        _layers.Add(layer);
        _tensors.Add(output);
        _sources.Add(last + 1);
        foreach (int i in _ends.Chain(last)) _tensorOf[i + 1] = _layers.Count;
    }

    /// <summary>
    /// Logits that nothing quantizes are the sums themselves, where these have one step.
    /// </summary>
    private QuantizedTensor Logits(int index, FloatLayer layer, QuantizedTensor input)
    {
        if (layer is Conv2dLayer or DenseLayer && OwnWeights.Of(layer) is null)
            throw Refuse(index)("weight", FloatUnits.WhyNoIntegers(layer));
        double[] steps = OwnWeights.Of(layer) is { } own
            ? [.. own.Scales.Select(s => (double)((float)input.Scale.Step * s)).Distinct()]
            : [];
        if (index != _network.Layers.Length - 1 || steps is not [var step])
            throw Refuse(index)(
                "output",
                index == _network.Layers.Length - 1
                    ? "its logits are not quantized, and their sums have not one step"
                    : "nothing quantizes what it writes (supported: QuantizeLinear behind each "
                        + "layer)");
        return GraphTensors.Of(
            _network.Shape(index + 1), TensorScale.Real(step), new()
            {
                Bits = 32,
                Signedness = Signedness.Signed,
                Scale = ScaleKind.Real,
            });
    }

    /// <summary>
    /// The profile's stages; where it shifts and a scale is no power of two, a multiplier of 32
    /// bits and one rounding, for no shift comes to it.
    /// </summary>
    private LayerDatapath Stages(int index, QuantizedTensor[] tensors)
    {
        FloatLayer layer = _network.Layers[index];
        LayerDatapath stages = _datapath.For(layer.Kind, layer.Name, index >= _lastMac);
        bool isShift = stages.Requantize.Kind is RequantizeKind.Shift or RequantizeKind.Cast;
        bool hasReal = tensors.Any(t => t.Scale.FractionBits is null)
            || OwnWeights.Of(layer)?.Scales
                .Any(s => GraphTensors.Scale(s).FractionBits is null) == true;
        return isShift && hasReal && _image is null
            ? stages with { Requantize = new() { Kind = RequantizeKind.MultiplierSingle } }
            : stages;
    }

    private Func<string, string, QuantizationException> Refuse(int index) => (key, why) =>
        new($"{_datapath.Name}: layer '{_network.Layers[index].Name}': {key}: {why}");
}
