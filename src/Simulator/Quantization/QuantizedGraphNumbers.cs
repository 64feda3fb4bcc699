using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// What a quantized network leaves in float32 between its integers: these become numbers by their
/// own scale, and numbers become integers where the network quantizes them.
/// </summary>
internal sealed partial class QuantizedGraph
{
    /// <summary>
    /// What no unit of integers does: a norm, and factors or addends that are no weights of the
    /// file's.
    /// </summary>
    private bool HasNoIntegers(FloatLayer layer) => _image is null
        && (layer is LayerNormLayer
            || (OwnWeights.Of(layer) is null
                && (FloatUnits.ConstantsOf(layer) is not null || FloatMac.Of(layer) is not null)));

    /// <summary>
    /// Whether a layer's sums are of float32 numbers since nothing quantizes them.
    /// </summary>
    private bool IsOpen(int index, FloatLayer layer, GraphEnd end) => _image is null
        && end.Quantizer is null
        && (layer is not (Conv2dLayer or DenseLayer)
            || (FloatMac.Of(layer) is { KeepsIntegers: false }
                && (index < _network.Layers.Length - 1
                    || OptimizedPairs.AreOnnxRuntimes(Stages(index, []))))
            || (index < _network.Layers.Length - 1
                && Resizing.Of(layer) is { IsOfIntegers: false }));

    /// <summary>
    /// What ONNX Runtime computes in float32 although it stands between quantizers, on a profile
    /// that computes as it does: bilinear images, sums, products, means and functions of 16
    /// bits, sums and products with constants whose integers have another type there, layers with
    /// real biases, reductions, and what has a clamp behind it that its quantizer does not make up
    /// for.
    /// </summary>
    private bool IsInNumbers(int index, ImmutableArray<int> inputs, GraphEnd end)
    {
        LayerDatapath stages = Stages(index, []);
        if (_image is not null || end.Quantizer is not { } quantizer || !IsNearest(quantizer)
            || stages.ResidualAdd != ResidualAddKind.Float32)
            return false;
        FloatLayer layer = _network.Layers[index];
        if (layer is JoinLayer { IsOfNumbers: true }) return true;
        if (Resizing.Of(layer) is { IsOfIntegers: false }
            || FloatMac.Of(layer) is { IsNeverOfIntegers: true }
            || (layer is Conv2dLayer && HasOtherBias(layer, inputs)
                && FloatMac.Of(layer) is not null))
            return OptimizedPairs.AreOnnxRuntimes(stages);
        if (!FloatUnits.HasNumbers(layer)) return false;
        bool isWide = inputs.Select(i => _tensors[i].Type.Bits).Append(quantizer.Target.Bits)
            .Max() > 8;
        return isWide
            || (OptimizedPairs.AreOnnxRuntimes(stages) && layer switch
            {
                AveragePool2dLayer { Form: AverageForm.Reduction } => true,
                AveragePool2dLayer or Networks.AddLayer or Networks.MultiplyLayer
                    or Networks.SoftmaxLayer => layer.IsOfNumbers || !end.IsOne,
                _ => false,
            });
    }

    /// <summary>
    /// Whether ONNX Runtime has no integers for a layer, on a profile that multiplies those that it
    /// multiplies; where its order of float32 sums is not known, all are.
    /// </summary>
    private bool IsOfOtherIntegers(int index, ImmutableArray<int> inputs, GraphEnd end) =>
        _image is null && Stages(index, []).Operands == MacOperands.Int8
        && FloatMac.Of(_network.Layers[index]) is { Order: not null } numbers
        && OwnWeights.Of(_network.Layers[index]) is { } own
        && (end.Quantizer is null || IsNearest(end.Quantizer))
        && _tensors[inputs[0]].Unit == QuantizerUnit.Requantization
        && (numbers.HasNoSums || own.IsOfOtherWidth || _tensors[inputs[0]].Type.Bits > 8
            || (end.Quantizer is { } quantizer
                && (quantizer.Target.Bits > 8 || !end.IsOne)));

    /// <summary>
    /// A product of two matrices whose sums are of float32 numbers: those that the network leaves
    /// so, and integers for which ONNX Runtime has no sums, on a profile that multiplies those that
    /// it multiplies. The products themselves are no layer, for summed at once they are never
    /// rounded.
    /// </summary>
    private bool IsOfMatrices(int index, ImmutableArray<int> inputs)
    {
        FloatLayer layer = _network.Layers[index];
        if (layer is Networks.MultiplyLayer)
        {
            int sums = _network.Layers.ToList().FindIndex(
                l => l is Conv2dLayer { Products: not null } && l.Inputs[0] == index + 1);
            if (sums < 0 || !AreNumbers(sums, inputs)) return false;
            _tensorOf[index + 1] = inputs[0];
            return true;
        }

        if (layer is not Conv2dLayer { Products: { } sum }
            || _network.Layers[layer.Inputs[0] - 1] is not Networks.MultiplyLayer product)
            return false;
        ImmutableArray<int> factors = [.. product.Inputs.Select(t => _tensorOf[t])];
        if (!AreNumbers(index, factors)) return false;
        RefusePoint(index);
        TensorShape shape = _network.Shape(index + 1);
        Emit(index, FloatUnits.Numbers(shape), new FloatProductSumLayer(
            layer.Name, [.. factors.Select(Numbers)], TensorType.Float32(shape), sum));
        return true;
    }

    private bool AreNumbers(int sums, ImmutableArray<int> factors)
    {
        if (_image is not null) return false;
        if (factors.Any(t => _tensors[t].Type.IsFloat32)) return true;
        return Stages(sums, []).Operands == MacOperands.Int8
            && (factors.Any(t => _tensors[t].Type.Bits > 8)
                || _ends.Of(sums) is { Quantizer: not null, IsOne: false });
    }

    /// <summary>
    /// Whether a bilinear Resize of integers cuts off what is left of a raw value, as ONNX
    /// Runtime's does.
    /// </summary>
    private bool IsCut(int index) => _image is null
        && Resizing.Of(_network.Layers[index]) is { IsOfIntegers: true }
        && OptimizedPairs.AreOnnxRuntimes(Stages(index, []));

    /// <summary>Adds such a Resize; false where it is none.</summary>
    private bool Resize(int index, GraphEnd end, ImmutableArray<int> inputs)
    {
        if (!IsCut(index)) return false;
        FloatLayer layer = _network.Layers[index];
        QuantizedTensor input = _tensors[inputs[0]];
        QuantizedTensor larger = input.Reshaped(_network.Shape(index + 1));
        Emit(end.Last, larger, new ResizeLayer(
            layer.Name, inputs, larger.Type, input.Type, Resizing.Of(layer)!.Scale));
        return true;
    }

    /// <summary>
    /// Passes on the image that a bilinear Resize blends itself, without the zeros between its
    /// values that sums of integers need.
    /// </summary>
    private bool IsUnspread(int index, ImmutableArray<int> inputs)
    {
        if (Resizing.Reader(_network, index) is not { } reader) return false;
        QuantizedTensor input = _tensors[inputs[0]];
        GraphEnd end = _ends.Of(reader);
        if (!input.Type.IsFloat32 && !IsCut(reader) && !IsInNumbers(reader, inputs, end)
            && !IsOpen(reader, _network.Layers[reader], end))
            return false;
        if (Resizing.Image(_network, index, reader) is not { } image)
            _tensorOf[index + 1] = inputs[0];
        else
            Emit(
                index, input.Reshaped(image.Shape),
                GraphTensors.Moving(image, inputs, input, image.Shape)!);
        return true;
    }

    /// <summary>Whether a file's biases are no integers in steps of a layer's sums.</summary>
    private bool HasOtherBias(FloatLayer layer, ImmutableArray<int> inputs) =>
        OwnWeights.Of(layer)?.HasOtherBias((float)_tensors[inputs[0]].Scale.Step) == true;

    /// <summary>A layer that computes in float32, or quantizes what one computed.</summary>
    private void Float(int index, ImmutableArray<int> inputs)
    {
        FloatLayer layer = _network.Layers[index];
        RefusePoint(index);
        if (layer is FakeQuantizeLayer { Quantizer: var quantizer })
        {
            Nearest(index, inputs, quantizer);
            return;
        }

        if (layer is PointLayer { IsDivisor: true })
        {
            _tensorOf[index + 1] = Numbers(inputs[0]);
            return;
        }

        if (new Quotients(_network, _ends).WhyNot(index) is { } why)
            throw Refuse(index)(
                layer.Kind, $"{why}, in float32 (supported: integers alone that divide, and "
                    + $"quantizers alone behind it; or {Quotients.Supported})");
        TensorShape shape = _network.Shape(index + 1);
        ProgramLayer made = _units.Of(layer, [.. inputs.Select(Numbers)], shape)
            ?? throw Refuse(index)(
                layer.Kind, $"{FloatUnits.Unknown(layer)}: nothing quantizes it (supported: "
                    + $"QuantizeLinear behind each layer, or {FloatUnits.Supported})");
        Emit(index, FloatUnits.Numbers(shape), made);
    }

    private void RefusePoint(int index)
    {
        LayerDatapath stages = Stages(index, []);
        if (HasPoint(stages))
            throw Refuse(index)(
                stages.Product is null ? "mac.accumulator.fraction_bits" : "mac.product",
                "a fixed binary point cannot go with what the network leaves in float32 (use a "
                    + "profile whose accumulators have the operands' scale, as int8-wide has)");
    }

    /// <summary>Whether hardware's numbers have a binary point that no scale moves.</summary>
    private static bool HasPoint(LayerDatapath stages) =>
        stages.Product is not null || stages.Accumulator.FractionBits is not null;

    /// <summary>Numbers to the nearest integers of a quantizer.</summary>
    private void Nearest(int index, ImmutableArray<int> inputs, FakeQuantizer quantizer)
    {
        QuantizedTensor output = GraphTensors.Of(_network.Shape(index + 1), quantizer);
        FloatScale scale = FloatTable.ScaleOf(output);
        if (!IsNearest(quantizer) || quantizer.Target.Min != output.Type.MinRaw
            || quantizer.Target.Max != output.Type.MaxRaw
            || OrderedFloat.Value(scale.Step) != output.Scale.Step)
            throw Refuse(index)(
                "quantize", "what it quantizes is in float32 (supported there: QuantizeLinear)");
        Emit(index, output, new FloatQuantizeLayer(
            _network.Layers[index].Name, inputs, output.Type, scale));
    }

    private static bool IsNearest(FakeQuantizer quantizer) => quantizer is
    {
        Unit: QuantizerUnit.Requantization, Offset: 0, Rounding: RoundingMode.NearestTiesToEven,
        Target.Overflow: OverflowMode.Saturate,
    };

    /// <summary>The float32 numbers that a tensor stands for.</summary>
    private int Numbers(int tensor)
    {
        QuantizedTensor from = _tensors[tensor];
        if (from.Type.IsFloat32) return tensor;
        if (_numbersOf.TryGetValue(tensor, out int numbers)) return numbers;
        string name = tensor == 0 ? "input" : _layers[tensor - 1].Name;
        return _numbersOf[tensor] = AddBetween(new FloatDequantizeLayer(
            $"{name}/numbers", [tensor], TensorType.Float32(from.Type.Shape),
            FloatTable.ScaleOf(from)));
    }

    /// <summary>Adds a layer that stands for no float layer; its tensor.</summary>
    private int AddBetween(ProgramLayer layer)
    {
        _layers.Add(layer);
        _tensors.Add(layer.Output.IsFloat32
            ? FloatUnits.Numbers(layer.Output.Shape)
            : throw new InvalidOperationException($"'{layer.Name}' writes integers"));
        _sources.Add(-1);
        return _layers.Count;
    }
}
