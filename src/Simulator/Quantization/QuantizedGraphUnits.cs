using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>Units that pool, join and change formats.</summary>
internal sealed partial class QuantizedGraph
{
    /// <summary>
    /// Products that a sum reads: a product of matrices, of which none is rounded.
    /// </summary>
    private void Product(int index, ImmutableArray<int> inputs)
    {
        (QuantizedTensor a, QuantizedTensor b) = (_tensors[inputs[0]], _tensors[inputs[1]]);
        QuantizedTensor exact = GraphTensors.Product(_network.Shape(index + 1), a, b)
            ?? throw Refuse(index)(
                "multiply", $"products of {a.Type.Bits} and {b.Type.Bits} bits have more than 32");
        var join = new JoinBuilder(Refuse(index), Stages(index, []), exact, ClampBounds.None);
        Emit(index, exact, join.Product(_network.Layers[index].Name, inputs, a, b));
    }

    /// <summary>
    /// Average pooling by the profile's own unit: one that keeps its input's scale, or that rounds
    /// real values to another. False where sums are requantized instead.
    /// </summary>
    private bool Average(
        int index, AveragePool2dLayer pool, GraphEnd end, ImmutableArray<int> inputs,
        QuantizedTensor input)
    {
        LayerDatapath stages = Stages(index, []);
        bool keeps = pool.Form == AverageForm.Pool || (_image is not null && end.Quantizer is null);
        if (!keeps && (pool.Form != AverageForm.Windows || end.Quantizer is null
            || stages.AveragePool.Division != AverageDivision.Float32
            || AveragePoolBuilder.IsGlobal(input.Type.Shape, pool.Geometry)))
            return false;
        bool isUnsigned = !keeps && IsUnsigned(index);
        QuantizedTensor mean = keeps
            ? AveragePoolBuilder.Output(
                Refuse(index), stages, input, pool.Geometry, _network.Shape(index + 1))
            : Output(index, end.Last, end.Quantizer!);
        AverageUnit unit = keeps
            ? AveragePoolBuilder.Unit(Refuse(index), stages, input, pool.Geometry)
            : AveragePoolBuilder.Real(
                input.Scale, isUnsigned ? Unsigned(mean).Scale : mean.Scale);
        var made = new AveragePoolLayer(
            pool.Name, inputs, mean.Type, input.Type, pool.Geometry, unit);
        if (keeps) Emit(index, mean, made);
        else if (isUnsigned)
            EmitSigned(
                index, end, mean, made with { Output = Unsigned(mean).Type }, Unsigned(mean));
        else EmitEnd(index, end, mean, made);
        return true;
    }

    /// <summary>
    /// A layer with what belongs to it. One whose unit has no clamp gets a clamp behind it:
    /// rounding keeps order, so that it is a clamp before rounding.
    /// </summary>
    private void EmitEnd(int index, GraphEnd end, QuantizedTensor output, ProgramLayer made)
    {
        if (end.Clamp == ClampBounds.None
            || (HasOwnClamp(index) && made is not
                (LookupLayer or Kernels.Datapath.SoftmaxLayer or AveragePoolLayer)))
        {
            Emit(end.Last, output, made);
            return;
        }

        bool isRoot = _network.Layers[index] is PointLayer
        {
            Function: PointFunction.SquareRoot,
        };
        if (isRoot && _tensors[made.Inputs[0]].Type is var from && from.MinRaw < from.ZeroPoint)
            throw Refuse(index)(
                "sqrt", "roots of negative numbers have no value, which a clamp behind them cannot "
                    + "take (supported: a clamp behind roots of what is never negative)");
        Emit(index, output, made);
        bool isFloat32 = OptimizedPairs.AreOnnxRuntimes(Stages(index, []));
        Emit(end.Last, output, Clamped(
            $"{made.Name}/clamp", [_layers.Count], output, end.Clamp, isFloat32));
    }

    /// <summary>
    /// A function of each value, by a table; in float32 where the profile computes as ONNX Runtime
    /// does, whose table is filled so.
    /// </summary>
    private LookupLayer Table(
        int index, ImmutableArray<int> inputs, QuantizedTensor input, QuantizedTensor output)
    {
        FloatLayer layer = _network.Layers[index];
        LayerDatapath stages = Stages(index, [output, input]);
        bool hasOwn = _image is not null && layer is SigmoidLayer or TanhLayer;
        if (!hasOwn) stages = stages with { Table = null };
        var table = new LookupBuilder(Refuse(index), stages, input, output, RecordParameters);
        if (OptimizedPairs.AreOnnxRuntimes(stages) && stages.Table is null
            && output.Unit == QuantizerUnit.Requantization
            && output.Format.Rounding == RoundingMode.NearestTiesToEven
            && FloatTable.Of(layer, input, output) is { } numbers)
            return table.Build(layer.Name, inputs, numbers);
        return table.Build(layer, inputs);
    }

    /// <summary>
    /// A clamp of integers: one of theirs where its bounds are raw values, or where what is made of
    /// them has the same format and rounds the bounds; else what is made of them is clamped, or
    /// numbers are.
    /// </summary>
    private void Clamp(int index, ImmutableArray<int> inputs, GraphEnd end, ClampBounds bounds)
    {
        QuantizedTensor input = _tensors[inputs[0]];
        FakeQuantizer? next = end.Clamp == ClampBounds.None ? end.Quantizer : null;
        bool isFile = _image is null;
        if (next is not null)
        {
            QuantizedTensor wanted = GraphTensors.Of(input.Type.Shape, next);
            bool keeps = wanted.Type == input.Type && wanted.Unit == input.Unit;
            LayerDatapath stages = Stages(index, [wanted, input]);
            if (!keeps && wanted.Unit == QuantizerUnit.Requantization && LitertFunctions.Of(
                _network.Layers[index], stages.Functions, input, wanted) is not null)
            {
                QuantizedTensor output = Output(index, end.Last, next);
                Emit(end.Last, output, Table(index, inputs, input, output));
                return;
            }

            if (!isFile || !(keeps || bounds.AreRaw(input)))
            {
                if (IsByTable(stages, input, wanted)) Float(index, inputs);
                else Convert(index, end.Last, inputs, next, bounds);
                return;
            }
        }
        else if (isFile && !bounds.AreRaw(input) && !HasPoint(Stages(index, [])))
        {
            Float(index, inputs);
            return;
        }

        Emit(index, input, Clamped(_network.Layers[index].Name, inputs, input, bounds));
    }

    private static ClampLayer Clamped(
        string name, ImmutableArray<int> inputs, QuantizedTensor tensor, ClampBounds bounds,
        bool isFloat32 = false)
    {
        (long min, long max) = isFloat32 ? bounds.Nearest(tensor) : bounds.Raw(tensor.Scale);
        return new(
            name, inputs, tensor.Type, Math.Max(min, tensor.Type.MinRaw),
            Math.Min(max, tensor.Type.MaxRaw));
    }

    /// <summary>A tensor that has a scale, in another format.</summary>
    private void Convert(
        int index, int last, ImmutableArray<int> inputs, FakeQuantizer quantizer,
        ClampBounds clamp)
    {
        QuantizedTensor input = _tensors[inputs[0]], output = Output(index, last, quantizer);
        if (IsByTable(Stages(index, []), input, output))
        {
            Emit(last, output, Converter(index, input, output).Converting(
                _network.Layers[index].Name, inputs));
            return;
        }

        Emit(
            last, output,
            new JoinBuilder(Refuse(index), Stages(index, [input, output]), output, clamp)
                .Concat(_network.Layers[index].Name, inputs, [input]));
    }

    /// <summary>
    /// Tensors behind one another; where sums are in float32, formats are changed by tables.
    /// </summary>
    private Kernels.Datapath.ConcatLayer Joined(
        int index, JoinBuilder join, ImmutableArray<int> inputs, QuantizedTensor[] all,
        QuantizedTensor output)
    {
        string name = _network.Layers[index].Name;
        LayerDatapath stages = Stages(index, all);
        int[] parts = [.. inputs];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!IsByTable(stages, all[i], output)) continue;
            QuantizedTensor made = output.Reshaped(all[i].Type.Shape);
            _layers.Add(Converter(index, all[i], made).Converting($"{name}/part_{i}", [inputs[i]]));
            _tensors.Add(all[i] = made);
            _sources.Add(_sources[inputs[i]]);
            parts[i] = _layers.Count;
        }

        return join.Concat(name, [.. parts], all);
    }

    /// <summary>Whether ONNX Runtime's arithmetic changes a tensor's format by a table.</summary>
    private bool IsByTable(LayerDatapath stages, QuantizedTensor from, QuantizedTensor to) =>
        _image is null && stages.ResidualAdd == ResidualAddKind.Float32 && from.Type.Bits <= 16
        && to.Unit == QuantizerUnit.Requantization && from.Unit == QuantizerUnit.Requantization
        && from.Type with { Shape = default } != to.Type with { Shape = default };

    private LookupBuilder Converter(int index, QuantizedTensor from, QuantizedTensor to) => new(
        Refuse(index), Stages(index, []) with { Table = null }, from, to, RecordParameters);
}
