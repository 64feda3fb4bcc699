using System.Collections.Immutable;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// int8 tensors as uint8, 128 more, where ONNX Runtime computes with these: numbers of another size
/// are rounded to other float32.
/// </summary>
internal sealed partial class QuantizedGraph
{
    private const int Less = 128;

    /// <summary>Whether a layer's int8 tensors are uint8 in the profile's arithmetic.</summary>
    private bool IsUnsigned(int index) => _image is null
        && _network.Layers[index] is JoinLayer { IsUnsigned: true }
            or AveragePool2dLayer { IsUnsigned: true }
        && OptimizedPairs.AreOnnxRuntimes(Stages(index, []));

    /// <summary>A layer's unit, of unsigned integers where the profile has these.</summary>
    private void EmitUnit(
        int index, ImmutableArray<int> inputs, GraphEnd end, QuantizedTensor output)
    {
        if (!IsUnsigned(index))
        {
            ClampBounds own = HasOwnClamp(index) ? end.Clamp : ClampBounds.None;
            EmitEnd(index, end, output, Requantizing(index, inputs, output, own));
            return;
        }

        QuantizedTensor unsigned = Unsigned(output);
        ImmutableArray<int> from = [.. inputs.Select((t, i) => Unsigned(index, t, i))];
        EmitSigned(
            index, end, output, Requantizing(index, from, unsigned, end.Clamp), unsigned);
    }

    /// <summary>
    /// Whether a layer's unit clamps: not where values are joined by ONNX Runtime's tables, whose
    /// bounds are quotients in float32.
    /// </summary>
    private bool HasOwnClamp(int index) => _network.Layers[index] is not Networks.ConcatLayer
        || !OptimizedPairs.AreOnnxRuntimes(Stages(index, []));

    private static QuantizedTensor Unsigned(QuantizedTensor tensor) => !tensor.Type.IsSigned
        ? tensor
        : GraphTensors.Of(
            tensor.Type.Shape,
            tensor.Scale with { ZeroPoint = tensor.Scale.ZeroPoint + Less },
            tensor.Format with { Signedness = Signedness.Unsigned, NarrowRange = false });

    /// <summary>A tensor that a layer reads, 128 more where it has a sign.</summary>
    private int Unsigned(int index, int tensor, int input)
    {
        QuantizedTensor from = _tensors[tensor], to = Unsigned(from);
        if (from == to) return tensor;
        _layers.Add(Moved(index, $"{_network.Layers[index].Name}/unsigned_{input}", tensor, to));
        _tensors.Add(to);
        _sources.Add(_sources[tensor]);
        return _layers.Count;
    }

    /// <summary>A layer of unsigned integers, and its output 128 less.</summary>
    private void EmitSigned(
        int index, GraphEnd end, QuantizedTensor output, ProgramLayer made,
        QuantizedTensor unsigned)
    {
        if (!output.Type.IsSigned)
        {
            Emit(end.Last, output, made);
            return;
        }

        _layers.Add(made with { Name = $"{made.Name}/unsigned" });
        _tensors.Add(unsigned);
        _sources.Add(-1);
        Emit(end.Last, output, Moved(index, made.Name, _layers.Count, output));
    }

    /// <summary>The same real values in the other type: a conversion without a rounding.</summary>
    private Kernels.Datapath.ConcatLayer Moved(
        int index, string name, int tensor, QuantizedTensor to) => new JoinBuilder(
            Refuse(index), Stages(index, [to, _tensors[tensor]]), to, ClampBounds.None)
            .Concat(name, [tensor], [_tensors[tensor]]);
}
