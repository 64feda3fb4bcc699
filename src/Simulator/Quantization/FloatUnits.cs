using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// What quantized networks compute in float32 between layers of integers, where ONNX Runtime's own
/// operations and their order are known.
/// </summary>
/// <param name="network">The network.</param>
/// <param name="emit">Adds a layer that stands for no float layer; its tensor.</param>
internal sealed class FloatUnits(FloatNetwork network, Func<ProgramLayer, int> emit)
{
    /// <summary>What there is, for messages.</summary>
    public const string Supported =
        "Relu, Clip, LeakyRelu, PRelu, Elu, Sigmoid, HardSigmoid, HardSwish, Silu, Tanh, Erf, "
            + "Gelu, Softmax, LayerNormalization, pooling, ReduceMean, BatchNormalization, Conv, "
            + "Gemm, MatMul, Add, Sub, Mul, Div, Sqrt, Concat and moves";

    /// <summary>The program layer of a float layer; null where there is none.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="inputs">The tensors that it reads, all of float32 numbers.</param>
    /// <param name="shape">What it writes.</param>
    public ProgramLayer? Of(FloatLayer layer, ImmutableArray<int> inputs, TensorShape shape)
    {
        var numbers = TensorType.Float32(shape);
        if (ConstantsOf(layer) is { } constants)
            return Scaled(layer.Name, inputs, numbers, constants);
        if (ClampBounds.Of(layer) is { Numbers: var (low, high) })
            return new ClampLayer(layer.Name, inputs, numbers, low, high);
        return layer switch
        {
            Conv2dLayer or DenseLayer => Sums(layer, inputs, numbers),
            Networks.AddLayer => inputs.Length == 2
                ? new FloatAddLayer(layer.Name, inputs, numbers)
                : null,
            Networks.ConcatLayer => Joined(layer.Name, inputs, numbers),
            _ => GraphTensors.Moving(
                layer, inputs, Numbers(network.Shape(layer.Inputs[0])), shape)
                ?? Function(layer, inputs, numbers),
        };
    }

    /// <summary>Whether there is one of a sum, product, mean or function.</summary>
    public static bool HasNumbers(FloatLayer layer) => layer switch
    {
        Networks.AddLayer => layer.Inputs.Length == 2,
        Networks.MultiplyLayer or Networks.SoftmaxLayer or SigmoidLayer or TanhLayer => true,
        AveragePool2dLayer pool => pool.Order is not null,
        PointLayer point => point.Function is PointFunction.HardSigmoid
            or PointFunction.LeakyRelu or PointFunction.Elu or PointFunction.Erf
            or PointFunction.SquareRoot or PointFunction.Gelu or PointFunction.GeluTanh
            or PointFunction.HardSwish or PointFunction.Silu,
        _ => false,
    };

    /// <summary>A tensor of float32 numbers.</summary>
    public static QuantizedTensor Numbers(TensorShape shape) => GraphTensors.Of(
        shape, TensorScale.PowerOfTwo(0),
        new() { Bits = 32, Signedness = Signedness.Signed, Scale = ScaleKind.PowerOfTwo }) with
    {
        Type = TensorType.Float32(shape),
    };

    /// <summary>Why there is none.</summary>
    public static string Unknown(FloatLayer layer) => layer switch
    {
        AveragePool2dLayer =>
            "ONNX Runtime's order of summing here depends on where numbers lie in memory",
        Conv2dLayer or DenseLayer =>
            "it computes in float32, and in which order ONNX Runtime sums here is not known",
        _ => "it computes in float32",
    };

    /// <summary>Why a layer's weights are no integers.</summary>
    public static string WhyNoIntegers(FloatLayer layer) =>
        layer is Conv2dLayer { Own: null } or DenseLayer { Own: null }
            ? $"its weights are not quantized: {Unknown(layer)}"
            : "its weights were changed since they were quantized";

    /// <summary>Factors and addends that a layer computes with in float32; null for none.</summary>
    public static FloatConstants? ConstantsOf(FloatLayer layer) => layer switch
    {
        Conv2dLayer conv => conv.Float32,
        BatchNormLayer norm => norm.Float32,
        _ => null,
    };

    private ProgramLayer? Sums(
        FloatLayer layer, ImmutableArray<int> inputs, TensorType numbers)
    {
        if (Resizing.Of(layer) is { } resize)
            return new FloatResizeLayer(
                layer.Name, inputs, numbers,
                new(
                    numbers.Shape.Channels, numbers.Shape.Rows / resize.Scale.Rows,
                    numbers.Shape.Columns / resize.Scale.Columns),
                resize.Scale, resize.Order);
        if (FloatMac.Of(layer) is not { Order: { } order } own) return null;
        string Name(int part) => part == own.After.Length ? layer.Name : $"{layer.Name}/sums{part}";
        ProgramLayer made = new FloatMacLayer(
            Name(0), inputs, numbers, network.Shape(layer.Inputs[0]),
            layer is Conv2dLayer conv ? conv.Geometry : new(),
            [.. own.Weight.Select(OrderedFloat.Of)], [.. own.Bias.Select(OrderedFloat.Of)],
            order);
        foreach ((int part, FloatConstants constants) in own.After.Index())
            made = Scaled(Name(part + 1), [emit(made)], numbers, constants);
        return made;
    }

    /// <summary>A factor or divisor of each channel, then an addend.</summary>
    public static FloatAffineLayer Scaled(
        string name, ImmutableArray<int> inputs, TensorType numbers, FloatConstants constants) =>
        new(
            name, inputs, numbers,
            constants.Divides ? FloatScaling.Quotient : FloatScaling.Product,
            [.. constants.Factors.Select(OrderedFloat.Of)],
            [.. constants.Shifts.Select(OrderedFloat.Of)]);

    private ProgramLayer? Function(
        FloatLayer layer, ImmutableArray<int> inputs, TensorType numbers) => layer switch
        {
            AveragePool2dLayer { Order: { } order } pool => new FloatAverageLayer(
                layer.Name, inputs, numbers, network.Shape(layer.Inputs[0]), pool.Geometry,
                order),
            Networks.MultiplyLayer { Divides: true } => new FloatDivideLayer(
                layer.Name, inputs, numbers),
            Networks.MultiplyLayer => new FloatMultiplyLayer(layer.Name, inputs, numbers),
            Networks.SoftmaxLayer => new FloatSoftmaxLayer(layer.Name, inputs, numbers),
            LayerNormLayer norm => new FloatNormLayer(
                norm.Name, inputs, numbers, [.. norm.Scale.Select(OrderedFloat.Of)],
                [.. norm.Shift.Select(OrderedFloat.Of)],
                new(norm.Sum, FloatTable.Number(norm.Epsilon))),
            _ => Point(layer, inputs, numbers),
        };

    private ProgramLayer? Point(
        FloatLayer layer, ImmutableArray<int> inputs, TensorType numbers)
    {
        if (FloatTable.OfPoint(layer) is var (function, a, b))
            return new FloatPointLayer(layer.Name, inputs, numbers, function, a, b);
        if (layer is not PointLayer point || FloatTable.OfGate(point) is not var (gate, c, d))
            return null;
        ImmutableArray<int> scaled = point.Function == PointFunction.Silu
            ? Scaled(point, inputs, numbers)
            : inputs;
        return Gated(inputs[0], new($"{point.Name}/gate", scaled, numbers, gate, c, d));
    }

    private static Kernels.Datapath.ConcatLayer Joined(
        string name, ImmutableArray<int> inputs, TensorType numbers)
    {
        var same = new Requantization
        {
            Kind = RequantizationKind.Shift,
            Output = ConversionSpec.Into(
                new FixedFormat(numbers.Bits, 0, true), 0, RoundingMode.TowardNegative,
                OverflowMode.Saturate) with
            {
                Min = numbers.MinRaw,
                Max = numbers.MaxRaw,
            },
            ClampMin = long.MinValue,
            ClampMax = long.MaxValue,
        };
        return new(
            name, inputs, numbers,
            [.. inputs.Select(_ => new ConcatPart(new InputScaling(0, 1), same))]);
    }

    /// <summary>Numbers times a function of them.</summary>
    private FloatMultiplyLayer Gated(int numbers, FloatPointLayer gate) => new(
        gate.Name[..gate.Name.LastIndexOf('/')], [numbers, emit(gate)], gate.Output);

    /// <summary>A times x, of which Silu's sigmoid is.</summary>
    private ImmutableArray<int> Scaled(
        PointLayer silu, ImmutableArray<int> inputs, TensorType numbers)
    {
        if (silu.A == 1) return inputs;
        int channels = numbers.Shape.Channels;
        int[] factors = [.. Enumerable.Repeat(FloatTable.Number(silu.A), channels)];
        return
        [
            emit(new FloatAffineLayer(
                $"{silu.Name}/scaled", inputs, numbers, FloatScaling.Product, [.. factors],
                [.. new int[channels]])),
        ];
    }
}
