using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Sums of integers that nothing quantizes: ONNX Runtime makes numbers of them by their scale, and
/// computes in float32 what is behind.
/// </summary>
internal sealed partial class QuantizedGraph
{
    // One more than weights have where a zero point is subtracted of them.
    private const int MostWeightBits = 9, MostBits = 8;

    /// <summary>Whether a layer's sums are such; then it is dealt with.</summary>
    private bool Open(int index, ImmutableArray<int> inputs, GraphEnd end)
    {
        FloatLayer layer = _network.Layers[index];
        LayerDatapath stages = Stages(index, []);
        bool isRuntime = OptimizedPairs.AreOnnxRuntimes(stages);
        if (_image is not null || (end.By is not null && !(isRuntime && end.By.IsApart))
            || FloatMac.Of(layer) is not { KeepsIntegers: true, Own: { } own } numbers
            || (numbers.HasNoSums && stages.Operands == MacOperands.Int8)
            || _tensors[inputs[0]].Type.Bits > MostBits || own.Bits > MostWeightBits
            || own.Bias.IsEmpty)
            return false;
        if (HasPoint(stages) || (HasOtherBias(layer, inputs) && !isRuntime)) return false;

        // Logits of one step are integers still, unless numbers are added that are none.
        bool isOne = own.Scales.Distinct().Count() == 1;
        if (index == _network.Layers.Length - 1 && isOne
            && (numbers.After.IsEmpty || !isRuntime))
            return false;
        Open(index, inputs, own, numbers);
        return true;
    }

    private void Open(
        int index, ImmutableArray<int> inputs, OwnWeights own, FloatMac numbers)
    {
        FloatLayer layer = _network.Layers[index];
        LayerDatapath stages = Stages(index, []);
        QuantizedTensor input = _tensors[inputs[0]];
        TensorShape shape = _network.Shape(index + 1);
        QuantizedTensor sums = GraphTensors.Of(
            shape, TensorScale.PowerOfTwo(0),
            new() { Bits = 32, Signedness = Signedness.Signed, Scale = ScaleKind.PowerOfTwo });
        // In steps of their own: what a sum stands for is said behind.
        MacLayer mac = new MacLayerBuilder(
            Refuse(index), layer, stages, input with
            {
                Scale = TensorScale.PowerOfTwo(0) with { ZeroPoint = input.Scale.ZeroPoint },
            },
            RecordParameters)
        {
            Own = own with { Scales = [.. own.Scales.Select(_ => 1f)] },
        }.Build(inputs, sums, ClampBounds.None);
        Requantization whole = new RequantizationBuilder(
            Refuse(index), stages, sums, ClampBounds.None).Template(RequantizationKind.Shift);
        _layers.Add(mac with
        {
            WeightSteps = [.. own.Scales.Select(s => (double)s)],
            Requantization = [.. mac.Requantization.Select(_ => whole)],
        });
        _tensors.Add(sums);
        _sources.Add(-1);
        float[] steps = [.. own.Scales.Select(s => (float)input.Scale.Step * s)];
        bool isOne = own.Scales.Distinct().Count() == 1;
        var type = TensorType.Float32(shape);
        ProgramLayer made = new FloatDequantizeLayer(
            $"{layer.Name}/sums", [_layers.Count], type,
            new(OrderedFloat.Of(isOne ? steps[0] : 1), 0));
        if (!isOne)
            made = FloatUnits.Scaled(
                $"{layer.Name}/scaled", [AddBetween(made)], type,
                new(false, steps, new float[steps.Length]));
        foreach ((int part, FloatConstants constants) in numbers.After.Index())
            made = FloatUnits.Scaled(
                $"{layer.Name}/numbers{part}", [AddBetween(made)], type, constants);
        Emit(index, FloatUnits.Numbers(shape), made);
    }
}
