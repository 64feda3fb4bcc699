using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Turns float layers into program layers one by one, keeping track of which tensor is which.
/// </summary>
internal sealed class ProgramBuilder
{
    private readonly FloatNetwork _network;
    private readonly Datapath _datapath;
    private readonly CalibrationSet _calibration;
    private readonly ImmutableArray<int> _fusedRelu;
    private readonly int _lastMac;
    private readonly int[] _tensorOf;
    private readonly InputPlan _input;
    private readonly List<QuantizedTensor> _tensors = [];
    private readonly List<int> _sources = [0];
    private readonly List<ProgramLayer> _layers = [];
    private readonly List<int> _layerOf = [];
    private readonly List<ParameterEvents> _parameterEvents = [];

    public ProgramBuilder(FloatNetwork network, Datapath datapath, CalibrationSet calibration)
    {
        _datapath = datapath;
        _calibration = calibration;
        _lastMac = LastMac(network);
        _input = InputPlan.Make(network, datapath.Input, calibration);
        _network = _input.Network;
        _fusedRelu = Fusion.Plan(_network, i => Stages(i).Output.IsCalibrated);
        _tensorOf = new int[network.Layers.Length + 1];
        _tensors.Add(_input.Tensor);
    }

    /// <summary>The layers that hardware runs: all but a normalisation ahead of them.</summary>
    public IEnumerable<FloatLayer> HardwareLayers =>
        _network.Layers.Where(l => l != _input.Absorbed);

    /// <summary>
    /// Adds the program layers of float layer <paramref name="index"/>; none for a fused ReLU.
    /// </summary>
    public void Add(int index)
    {
        FloatLayer layer = _network.Layers[index];
        if (IsFused(layer, index)) return;
        ImmutableArray<int> inputs = [.. layer.Inputs.Select(i => _tensorOf[i])];
        QuantizedTensor input = _tensors[inputs[0]];
        switch (layer)
        {
            case Conv2dLayer or DenseLayer:
                Emit(
                    index,
                    NewTensor(index),
                    (output, clamp) =>
                        new MacLayerBuilder(
                            Refuser(index), layer, Stages(index), input, RecordParameters)
                            .Build(inputs, output, clamp));
                break;
            case JoinLayer join:
                Emit(
                    index,
                    NewTensor(index),
                    (output, clamp) =>
                        Join(index, output, clamp)
                            .Of(join, inputs, [.. inputs.Select(i => _tensors[i])]));
                break;
            case SigmoidLayer or TanhLayer:
                EmitLookup(index, layer, inputs, input);
                break;
            case Networks.SoftmaxLayer:
                Emit(
                    index,
                    SoftmaxDivision.Output(
                        Stages(index), NewTensor(index, isNeverNegative: true)),
                    (output, _) =>
                        new SoftmaxBuilder(
                            Refuser(index), Stages(index), input, output, RecordParameters)
                            .Build(layer.Name, inputs));
                break;
            case ReluLayer or PointLayer { Function: PointFunction.Clip }:
                EmitClamp(index, ClampBounds.Of(layer)!.Value, inputs, input);
                break;
            case PointLayer:
                EmitLookup(index, layer, inputs, input);
                break;
            case AveragePool2dLayer pool:
                EmitAverage(index, pool, inputs, input);
                break;
            default:
                EmitSame(index, layer, inputs, input);
                break;
        }
    }

    /// <summary>A layer whose output has its input's scale.</summary>
    private void EmitSame(
        int index, FloatLayer layer, ImmutableArray<int> inputs, QuantizedTensor input) =>
        Emit(
            index, input.Reshaped(_network.Shape(index + 1)),
            (output, _) => layer switch
            {
                MaxPool2dLayer pool => new MaxPoolLayer(
                    pool.Name, inputs, output.Type, input.Type, pool.Geometry),
                Networks.RearrangeLayer moved => new Kernels.Datapath.RearrangeLayer(
                    layer.Name, inputs, output.Type, input.Type, moved.Sources),
                FlattenLayer => new ReshapeLayer(layer.Name, inputs, output.Type),
                _ => throw Refuser(index)(layer.Kind, "has no hardware form"),
            });

    private void EmitAverage(
        int index, AveragePool2dLayer pool, ImmutableArray<int> inputs, QuantizedTensor input) =>
        Emit(
            index,
            AveragePoolBuilder.Output(
                Refuser(index), Stages(index), input, pool.Geometry, _network.Shape(index + 1)),
            (output, _) => new AveragePoolLayer(
                pool.Name, inputs, output.Type, input.Type, pool.Geometry,
                AveragePoolBuilder.Unit(Refuser(index), Stages(index), input, pool.Geometry)));

    /// <summary>Whether a layer before this one does its work.</summary>
    private bool IsFused(FloatLayer layer, int index)
    {
        // The host normalised, or the first weights do: what comes after reads the input.
        if (layer == _input.Absorbed) return true;
        if (ClampBounds.Of(layer) is null
            || _fusedRelu.IndexOf(index) is not (>= 0 and int producer))
            return false;
        FloatLayer into = _network.Layers[producer];
        if (_datapath.LostByFusion((layer.Kind, layer.Name), (into.Kind, into.Name)) is { } lost)
            throw new InputException(lost);
        _tensorOf[index + 1] = _tensorOf[producer + 1];
        return true;
    }

    private void EmitLookup(
        int index, FloatLayer layer, ImmutableArray<int> inputs, QuantizedTensor input)
    {
        // A profile's table is one of sigmoid and tanh; other functions have an entry per value.
        LayerDatapath stages = layer is PointLayer
            ? Stages(index) with { Table = null }
            : Stages(index);
        bool isNeverNegative = layer is SigmoidLayer or PointLayer { IsNeverNegative: true };
        Emit(
            index, NewTensor(index, isNeverNegative),
            (output, _) =>
                new LookupBuilder(Refuser(index), stages, input, output, RecordParameters)
                    .Build(layer, inputs));
    }

    /// <summary>The finished program.</summary>
    /// <exception cref="QuantizationException">
    /// An exact intermediate value does not fit in 64 bits.
    /// </exception>
    public QuantizedProgram Finish(ulong seed)
    {
        var program = new QuantizedProgram(
            $"{_network.Name} on {_datapath.Name}", _input.Stage, [.. _layers], seed)
        {
            Sources = [_input.Source, .. _sources.Skip(1)],
            ParameterEvents = [.. _parameterEvents],
        };
        return ProgramLimits.WhyNot(program) is { } reason
            ? throw new QuantizationException($"{_datapath.Name}: {reason}")
            : program;
    }

    /// <summary>What each conversion on the way does to real values, by float tensor.</summary>
    public ImmutableSortedDictionary<int, FakeQuantizer> FakeQuantizers()
    {
        var all = ImmutableSortedDictionary.CreateBuilder<int, FakeQuantizer>();
        TensorScale scale = _tensors[0].Scale with { Step = _input.TrueStep, FractionBits = null };
        all.Add(
            _input.Source,
            new(
                _input.Stage.Levels is null ? _tensors[0].Scale
                    : scale with { ZeroPoint = _input.Stage.Black },
                _input.Stage.Rounding,
                _tensors[0].Target)
            {
                SnapsToWhole = _input.Stage.Levels is not null,
            });
        for (int i = 0; i < _layers.Count; i++)
        {
            if (_layers[i].OutputRounding is not { } rounding) continue;
            QuantizedTensor tensor = _tensors[i + 1];
            OverflowDialect dialect = Stages(_layerOf[i]).Dialect;
            all.Add(
                _sources[i + 1],
                new(tensor.Scale, rounding, tensor.Target with { Dialect = dialect }));
        }

        return all.ToImmutable();
    }

    /// <summary>
    /// A ReLU or clip of its own: a clamp where it keeps its input's format, a clamping conversion
    /// where the profile gives it another.
    /// </summary>
    private void EmitClamp(
        int index, ClampBounds bounds, ImmutableArray<int> inputs, QuantizedTensor input)
    {
        ValueFormat format = Stages(index).Output;
        QuantizedTensor own = NewTensor(index, bounds.IsNeverNegative);
        bool converts = format.IsCalibrated ? format != input.Format : own.Type != input.Type;
        (long min, long max) = bounds.Raw(input.Scale);
        Emit(
            index,
            converts ? own : input,
            (output, _) =>
                converts
                    ? Join(index, output, bounds)
                        .Concat(_network.Layers[index].Name, inputs, [input])
                    : new ClampLayer(
                        _network.Layers[index].Name, inputs, output.Type,
                        Math.Max(min, input.Type.MinRaw), Math.Min(max, input.Type.MaxRaw)));
    }

    /// <summary>What the ReLU or clip with this index clamps to; nothing for none.</summary>
    private ClampBounds Clamp(int fused) =>
        fused < 0 ? ClampBounds.None : ClampBounds.Of(_network.Layers[fused])!.Value;

    /// <summary>
    /// The tensor that a layer with a format of its own writes, after the ReLU fused into it.
    /// </summary>
    private QuantizedTensor NewTensor(int index, bool isNeverNegative = false)
    {
        int relu = _fusedRelu[index];
        int source = relu >= 0 ? relu : index;
        return QuantizedTensor.Calibrate(
            _network.Shape(index + 1), Stages(index).Output,
            isNeverNegative || Clamp(relu).IsNeverNegative,
            isSigned => ScaleCalibrator.Choose(
                Stages(index).Output, isSigned, _calibration, source + 1));
    }

    private void Emit(
        int index, QuantizedTensor output, Func<QuantizedTensor, ClampBounds, ProgramLayer> build)
    {
        int relu = _fusedRelu[index];
        _layers.Add(build(output, Clamp(relu)));
        _layerOf.Add(index);
        _tensors.Add(output);
        _sources.Add((relu >= 0 ? relu : index) + 1);
        _tensorOf[index + 1] = _layers.Count;
    }

    /// <summary>Notes what did not fit, of the layer that is being built.</summary>
    private void RecordParameters(string stage, long overflowed, long count)
    {
        if (overflowed > 0) _parameterEvents.Add(new(_layers.Count, stage, overflowed, count));
    }

    private JoinBuilder Join(int index, QuantizedTensor output, ClampBounds clamp) =>
        new(Refuser(index), Stages(index), output, clamp);

    /// <summary>
    /// Layers from the last multiply-accumulate one on make the network's output.
    /// </summary>
    private LayerDatapath Stages(int index) =>
        _datapath.For(_network.Layers[index].Kind, _network.Layers[index].Name, index >= _lastMac);

    private Func<string, string, QuantizationException> Refuser(int index) => (key, why) =>
        new($"{_datapath.Name}: layer '{_network.Layers[index].Name}': {key}: {why}");

    /// <summary>Index of the last convolution or dense layer.</summary>
    internal static int LastMac(FloatNetwork network)
    {
        for (int i = network.Layers.Length - 1; i >= 0; i--)
            if (network.Layers[i] is Conv2dLayer or DenseLayer)
                return i;
        throw new QuantizationException(
            $"network '{network.Name}' has no convolution or dense layer");
    }
}
