using System.Collections.Immutable;
using System.Globalization;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files.Integers;

/// <summary>
/// Makes layers of a network of ready-made integers one by one: each as the real function that it
/// stands for, then its clamp, then the format of its output.
/// </summary>
/// <param name="images">Shape of one image.</param>
/// <param name="arrays">Where the integers are.</param>
internal sealed class IntegerBuilder(TensorShape images, WeightFile arrays)
{
    private readonly List<FloatLayer> _layers = [];
    private readonly List<TensorShape> _shapes = [images];
    private readonly List<FakeQuantizer?> _formats = [null];
    private readonly WrittenNames _names = new(IntegerKeys.Joining);

    /// <summary>The layers so far.</summary>
    public IReadOnlyList<FloatLayer> Layers => _layers;

    /// <summary>What is done to an image.</summary>
    /// <exception cref="InputException">Its keys contradict each other.</exception>
    public void Input(MapNode input)
    {
        FakeQuantizer format = IntegerFormats.Of(input);
        var declared = new DeclaredFormat(input.Error(""))
        {
            Levels = IntegerFormats.Real(input, "levels"),
            Black = input["black"] is null ? 0 : IntegerFormats.Integer(input, "black"),
            HasFloat32Quotient = input.Text("quotient") == IntegerKeys.Float32,
        };
        double[] scale = IntegerFormats.Reals(input, "pixel_scale"),
            shift = IntegerFormats.Reals(input, "pixel_shift");
        bool isNormalized = scale.Length > 0 || shift.Length > 0;
        if (isNormalized && (scale.Length != images.Channels || shift.Length != images.Channels))
            throw new InputException(input.Error(
                $"pixel_scale has {scale.Length} numbers and pixel_shift {shift.Length} "
                    + $"(supported: one per channel, here {images.Channels}, of both)"));
        if (declared.Levels is { } levels)
        {
            if (declared.HasFloat32Quotient)
                throw new InputException(input["quotient"]!.Error(
                    "it has no effect with levels, which are divided as they are"));
            if (isNormalized)
                throw new InputException(input.Error(
                    "levels takes bytes as they are, which nothing is done to before (supported: "
                        + "levels, or pixel_scale and pixel_shift)"));
            (double by, double and) = LevelsAffine(format, levels, declared.Black);
            (scale, shift) = (Repeated(by), Repeated(and));
        }
        else if (input["black"] is { } black)
            throw new InputException(black.Error("it has no effect without levels"));

        if (scale.Length > 0)
            Emit(
                new BatchNormLayer(
                    "input/pixels", [0], [.. scale.Select(s => (float)s)],
                    [.. shift.Select(s => (float)s)]), null);
        Emit(new FakeQuantizeLayer("input/raw", [_layers.Count], format)
        {
            Declared = declared,
        }, format);
        _names.Input = _layers.Count;

        double[] Repeated(double value) => [.. Enumerable.Repeat(value, images.Channels)];
    }

    /// <summary>What the raw value of a byte stands for, as a function of the pixel.</summary>
    internal static (double Scale, double Shift) LevelsAffine(
        FakeQuantizer format, double levels, int black) => (
            255 / levels * format.Scale.Step, (black - format.Scale.ZeroPoint) * format.Scale.Step);

    /// <summary>Adds a layer.</summary>
    /// <exception cref="InputException">
    /// It does not fit the layers before it, or its arrays do not fit it.
    /// </exception>
    public void Add(MapNode layer)
    {
        string name = _names.Of(layer);
        ImmutableArray<int> inputs = _names.Inputs(layer, _layers.Count);
        try
        {
            Add(layer, layer.Text("type")!, name, inputs);
        }
        catch (ArgumentException e)
        {
            throw new InputException(layer.Error(e.Message));
        }

        _names.Add(layer, name, _layers.Count);
    }

    private void Add(MapNode layer, string type, string name, ImmutableArray<int> inputs)
    {
        FakeQuantizer? output = layer["output"] is MapNode node ? IntegerFormats.Of(node) : null;
        (double Low, double High)? clamp = Clamp(layer, output ?? _formats[inputs[0]]!);
        if (output is null && !KeepsFormat(type))
            throw new InputException(layer.Error("it needs an output format"));
        if (output is not null) CheckUnit(layer, type, output.Unit);
        switch (type)
        {
            case "requantize" or "clip":
                if (type == "clip" && clamp is null)
                    throw new InputException(layer.Error("it needs clamp"));
                break;
            case "conv2d" or "dense":
                Emit(
                    new IntegerMac(arrays, layer, name, _shapes[inputs[0]])
                        .Build(inputs, _formats[inputs[0]]!.Scale, output!.Scale), null);
                break;
            default:
                Emit(
                    Make(layer, type, name, inputs),
                    output is null ? _formats[inputs[0]] : null);
                break;
        }

        // A conversion is its clamp, if it has one, and then its format.
        bool isOwn = type is "requantize" or "clip";
        if (clamp is { } bounds)
        {
            Emit(
                new PointLayer(
                    isOwn ? name : $"{name}/clamp", isOwn ? inputs : [_layers.Count],
                    PointFunction.Clip, bounds.Low, bounds.High),
                _formats[inputs[0]]);
            isOwn = false;
        }

        if (output is not null)
            Emit(
                new FakeQuantizeLayer(
                    isOwn ? name : $"{name}/output", isOwn ? inputs : [_layers.Count], output)
                {
                    Declared = output.Unit == QuantizerUnit.Requantization
                        ? new(layer["output"]!.Error(""))
                        : null,
                },
                output);
    }

    private static void CheckUnit(MapNode layer, string type, QuantizerUnit unit)
    {
        bool isOfSums = type is "conv2d" or "dense";
        if (unit == QuantizerUnit.Requantization || isOfSums
            || (unit == QuantizerUnit.Sign && type == "requantize"))
            return;
        string which = unit == QuantizerUnit.Sign ? ", requantize" : "";
        throw new InputException(((MapNode)layer["output"]!)["unit"]!.Error(
            $"of {type} (supported: of conv2d, dense{which})"));
    }

    private static bool KeepsFormat(string type) => type is "max_pool2d" or "average_pool2d"
        or "global_average_pool2d" or "flatten" or "rearrange" or "relu" or "clip";

    private FloatLayer Make(MapNode layer, string type, string name, ImmutableArray<int> inputs)
    {
        TensorShape shape = _shapes[inputs[0]];
        return type switch
        {
            "relu" => new ReluLayer(name, inputs),
            "sigmoid" => new SigmoidLayer(name, inputs),
            "tanh" => new TanhLayer(name, inputs),
            "max_pool2d" => new MaxPool2dLayer(name, inputs, ArchitectureBuilder.Pool(layer)),
            "average_pool2d" => new AveragePool2dLayer(
                name, inputs, ArchitectureBuilder.Pool(layer))
            {
                Form = AverageForm.Windows,
            },
            "global_average_pool2d" => new AveragePool2dLayer(
                name, inputs, ArchitectureBuilder.Whole(shape)),
            "flatten" when layer.Text("order") == ArchitectureKeys.ChannelsLast =>
                RearrangeLayer.ChannelsLast(name, inputs, shape),
            "flatten" => new FlattenLayer(name, inputs),
            "rearrange" => Rearranged(layer, name, inputs),
            "softmax" => new SoftmaxLayer(name, inputs),
            "add" => new AddLayer(name, inputs),
            "concat" => new ConcatLayer(name, inputs),
            "multiply" => new MultiplyLayer(name, inputs),
            _ => Function(layer, type, name, inputs),
        };
    }

    private static PointLayer Function(
        MapNode layer, string type, string name, ImmutableArray<int> inputs)
    {
        PointFunction function = PointLayer.Kinds.First(k => k.Value == type).Key;
        double[] numbers = IntegerFormats.Reals(layer, "parameters");
        int wanted = PointLayer.CountOf(function);
        return numbers.Length == wanted
            ? new(
                name, inputs, function, numbers.ElementAtOrDefault(0),
                numbers.ElementAtOrDefault(1))
            : throw new InputException((layer["parameters"] ?? layer).Error(
                $"parameters: {numbers.Length} numbers (supported: {wanted})"));
    }

    private RearrangeLayer Rearranged(MapNode layer, string name, ImmutableArray<int> inputs)
    {
        if (layer["shape"] is not ListNode list
            || ArchitectureDocument.Numbers(list) is not [int channels, int rows, int columns])
            throw new InputException(layer.Error(
                "it needs the shape that it makes, as in shape: [16, 1, 1]"));
        return new(
            name, inputs, new(channels, rows, columns),
            [
                .. arrays.Integers(layer, $"{name}.sources", 1).Values.Select(v =>
                    (int)Math.Clamp(v, int.MinValue, int.MaxValue)),
            ]);
    }

    /// <summary>Raw bounds as real ones.</summary>
    private static (double Low, double High)? Clamp(MapNode layer, FakeQuantizer format)
    {
        if (layer["clamp"] is not ListNode list) return null;
        long?[] bounds =
        [
            .. list.Items.OfType<ScalarNode>().Select(i => i.Text == IntegerKeys.Open
                ? (long?)null
                : long.Parse(i.Text, CultureInfo.InvariantCulture)),
        ];
        if (bounds is not [var low, var high] || low > high)
            throw new InputException(list.Error("it needs the least and the largest raw output"));
        if (low > format.Target.Max || high < format.Target.Min)
            throw new InputException(list.Error(
                $"nothing of {format.Target.Min}..{format.Target.Max} is within it"));
        return (
            low is null ? double.NegativeInfinity : Real(low.Value),
            high is null ? double.PositiveInfinity : Real(high.Value));

        double Real(long raw) => (raw - format.Scale.ZeroPoint) * format.Scale.Step;
    }

    private void Emit(FloatLayer layer, FakeQuantizer? format)
    {
        TensorShape shape = layer.OutputShape([.. layer.Inputs.Select(i => _shapes[i])]);
        if (shape.Length < 1) throw new ArgumentException($"makes {shape}");
        _layers.Add(layer);
        _shapes.Add(shape);
        _formats.Add(format);
    }
}
