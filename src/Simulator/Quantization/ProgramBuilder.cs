using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>Turns float layers into program layers one by one, keeping track of which tensor is which.</summary>
internal sealed class ProgramBuilder
{
    private readonly FloatNetwork _network;
    private readonly Datapath _datapath;
    private readonly CalibrationSet _calibration;
    private readonly ImmutableArray<int> _fusedRelu;
    private readonly int _lastMac;
    private readonly int[] _tensorOf;
    private readonly InputStage _input;
    private readonly List<TensorScale> _scales = [];
    private readonly List<int> _sources = [0];
    private readonly List<ProgramLayer> _layers = [];

    public ProgramBuilder(FloatNetwork network, Datapath datapath, CalibrationSet calibration)
    {
        _network = network;
        _datapath = datapath;
        _calibration = calibration;
        _lastMac = LastMac(network);
        _fusedRelu = Fusion.Plan(network, l => Stages(l).Output.IsCalibrated);
        _tensorOf = new int[network.Layers.Length + 1];
        _input = MakeInput();
    }

    /// <summary>Adds the program layers of float layer <paramref name="index"/>; none for a fused ReLU.</summary>
    public void Add(int index)
    {
        FloatLayer layer = _network.Layers[index];
        int fusedInto = layer is ReluLayer ? _fusedRelu.IndexOf(index) : -1;
        if (fusedInto >= 0)
        {
            _tensorOf[index + 1] = _tensorOf[fusedInto + 1];
            return;
        }

        ImmutableArray<int> inputs = [.. layer.Inputs.Select(i => _tensorOf[i])];
        TensorType input = Tensor(inputs[0]);
        TensorType sameType = input with { Shape = _network.Shape(index + 1) };
        TensorScale sameScale = _scales[inputs[0]];
        switch (layer)
        {
            case Conv2dLayer or DenseLayer:
                AddMac(index, inputs, input);
                break;
            case ReluLayer:
                Emit(index, new ClampLayer(layer.Name, inputs, sameType, input.ZeroPoint, input.MaxRaw), sameScale);
                break;
            case MaxPool2dLayer pool:
                Emit(index, new MaxPoolLayer(pool.Name, inputs, sameType, input, pool.Geometry), sameScale);
                break;
            case AveragePool2dLayer pool:
                RoundingMode rounding = Stages(pool).AveragePoolRounding;
                Emit(index, new AveragePoolLayer(pool.Name, inputs, sameType, input, pool.Geometry, rounding), sameScale);
                break;
            case FlattenLayer:
                Emit(index, new ReshapeLayer(layer.Name, inputs, sameType), sameScale);
                break;
            default:
                throw new QuantizationException(
                    $"{_datapath.Name}: layer '{layer.Name}': {layer.Kind} has no hardware form");
        }
    }

    /// <summary>The finished program.</summary>
    /// <exception cref="QuantizationException">An exact intermediate value does not fit in 64 bits.</exception>
    public QuantizedProgram Finish(ulong seed)
    {
        var program = new QuantizedProgram(
            $"{_network.Name} on {_datapath.Name}", _input, [.. _layers], seed) { Sources = [.. _sources] };
        return ProgramLimits.WhyNot(program) is { } reason
            ? throw new QuantizationException($"{_datapath.Name}: {reason}")
            : program;
    }

    private void AddMac(int index, ImmutableArray<int> inputs, TensorType input)
    {
        FloatLayer layer = _network.Layers[index];
        LayerDatapath stages = Stages(layer);
        int relu = _fusedRelu[index];
        int source = relu >= 0 ? relu : index;
        bool isSigned = IsSigned(stages.Output, neverNegative: relu >= 0);
        TensorScale scale = ScaleCalibrator.Choose(stages.Output, isSigned, _calibration.Values(source + 1));
        TensorType output = Type(_network.Shape(index + 1), stages.Output, isSigned, scale);
        var builder = new MacLayerBuilder(_datapath.Name, layer, stages, input, _scales[inputs[0]]);
        Emit(source, builder.Build(inputs, output, scale, isClamped: relu >= 0), scale);
        _tensorOf[index + 1] = _tensorOf[source + 1];
    }

    private void Emit(int index, ProgramLayer layer, TensorScale scale)
    {
        _layers.Add(layer);
        _scales.Add(scale);
        _sources.Add(index + 1);
        _tensorOf[index + 1] = _layers.Count;
    }

    private TensorType Tensor(int index) => index == 0 ? _input.Type : _layers[index - 1].Output;

    private LayerDatapath Stages(FloatLayer layer) =>
        _datapath.For(layer.Kind, layer.Name, layer == _network.Layers[_lastMac]);

    private InputStage MakeInput()
    {
        ValueFormat format = _datapath.Input;
        bool isSigned = IsSigned(format, neverNegative: true);
        TensorScale scale = ScaleCalibrator.Choose(format, isSigned, _calibration.Values(0));
        _scales.Add(scale);
        return new(Type(_network.Input, format, isSigned, scale), format.Rounding, format.Overflow)
        {
            SaturationBits = format.SaturationBits,
        };
    }

    private static TensorType Type(TensorShape shape, ValueFormat format, bool isSigned, TensorScale scale) =>
        new(shape, format.Bits, isSigned, scale.Step, scale.ZeroPoint);

    private static bool IsSigned(ValueFormat format, bool neverNegative) => format.Signedness switch
    {
        Signedness.Signed => true,
        Signedness.Unsigned => false,
        _ => !neverNegative,
    };

    private static int LastMac(FloatNetwork network)
    {
        for (int i = network.Layers.Length - 1; i >= 0; i--)
            if (Fusion.IsMac(network.Layers[i])) return i;
        throw new QuantizationException($"network '{network.Name}' has no convolution or dense layer");
    }
}
