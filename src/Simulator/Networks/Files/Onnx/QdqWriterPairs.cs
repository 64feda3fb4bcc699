using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Where a written graph has pairs, and where ONNX Runtime would make others.</summary>
internal sealed partial class QdqWriter
{
    /// <summary>
    /// Whether several read int8 of a layer of integers: ONNX Runtime makes uint8 of what one reads
    /// alone, and computes in float32 else, but for operators that read and write int8 alike.
    /// </summary>
    private bool IsReadAgain(int index) => _network.IsQuantized
        && _program.Layers[index] is { Output: { Bits: 8, IsSigned: true } } layer
        && _program.Layers.Sum(l => l.Inputs.Count(i => i == index + 1)) > 1
        && !(layer is Kernels.Datapath.AddLayer or Kernels.Datapath.MultiplyLayer
                or Kernels.Datapath.SoftmaxLayer or AveragePoolLayer
            && layer.Inputs.All(i => _program.Tensor(i) is { Bits: 8, IsSigned: true }));

    /// <summary>
    /// Whether a layer's sums are what the network gives, and nothing quantizes them.
    /// </summary>
    private bool AreLogits(int index) =>
        index == _program.Layers.Length - 1 && _program.Layers[index] is MacLayer mac
        && _network.IsQuantized && _network.Layers[^1] == Origin(mac);

    /// <summary>
    /// Whether numbers are made of a layer's sums: those that ONNX Runtime makes of them itself.
    /// </summary>
    private bool AreOpen(int index) => _program.Layers[index] is MacLayer { Output.Bits: 32 } mac
        && mac.Geometry == new WindowGeometry()
        && _program.Layers.Where(l => l.Inputs.Contains(index + 1)).ToArray() is
            [FloatDequantizeLayer];

    /// <summary>
    /// Whether a layer is a part of what is joined in the format of the whole: ONNX Runtime's
    /// operator of integers changes the format itself.
    /// </summary>
    private bool IsPart(ProgramLayer layer) => layer is LookupLayer && Origin(layer) is null
        && Readers(layer) is [Kernels.Datapath.ConcatLayer { Inputs.Length: > 1 }];

    /// <summary>What a tensor is a part of; others themselves.</summary>
    private int Whole(int tensor) =>
        tensor > 0 && _program.Layers[tensor - 1] is var layer && IsPart(layer)
            ? layer.Inputs[0]
            : tensor;

    private ProgramLayer[] Readers(ProgramLayer layer)
    {
        int tensor = _program.Layers.IndexOf(layer) + 1;
        return [.. _program.Layers.Where(l => l.Inputs.Contains(tensor))];
    }

    /// <summary>
    /// Whether ONNX Runtime would make one of two pairs in a row: of one type, where nothing else
    /// reads the first.
    /// </summary>
    private bool AreMerged(ProgramLayer second) =>
        !AreOfTwoTypes(_program.Tensor(second.Inputs[0]), second.Output)
        && _program.Layers.All(l => !l.Inputs.Contains(second.Inputs[0])
            || Origin(l) is FakeQuantizeLayer);

    /// <summary>Whether ONNX has integers of other types for two tensors.</summary>
    private static bool AreOfTwoTypes(TensorType one, TensorType other) =>
        one.IsSigned != other.IsSigned || one.Bits <= 8 != other.Bits <= 8;
}
