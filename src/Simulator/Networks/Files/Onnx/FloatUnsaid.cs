using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Layers of float32 numbers that ONNX Runtime would make others of.</summary>
/// <param name="program">The program.</param>
/// <param name="network">The network that it was made from.</param>
internal sealed class FloatUnsaid(QuantizedProgram program, FloatNetwork network)
{
    /// <summary>Why ONNX Runtime would compute another layer; null where it would not.</summary>
    public string? WhyNot(ProgramLayer layer, int tensor)
    {
        ProgramLayer? before = Before(layer.Inputs[0]);
        return layer switch
        {
            FloatMacLayer mac when IsBetween(tensor) && Own(mac) is null =>
                "between integers ONNX Runtime would round its float32 weights to int8",
            FloatMacLayer mac when IsBetween(tensor) && Own(mac) is { Bias.IsEmpty: true } =>
                "between integers ONNX Runtime would round its real biases to steps of the sums",
            FloatMacLayer mac when before is FloatDequantizeLayer { Inputs: [var narrow] }
                && program.Tensor(narrow).Bits <= 8 && IsBetween(tensor)
                && Own(mac) is { IsOfOtherWidth: true, Bits: < 8 } =>
                "weights of 4 bits would be written as 8, of which ONNX Runtime multiplies "
                    + "integers (supported: .npz; or --profile from-model)",
            FloatMultiplyLayer when before is FloatDequantizeLayer { Inputs: [var integers] }
                && !program.Tensor(integers).IsSigned
                && network.Layers.Any(
                    l => l.Name == layer.Name && l is JoinLayer { IsOfTwoTypes: true }) =>
                "of integers of two types ONNX Runtime would make one operator of integers there",
            FloatResizeLayer { Order: ResizeOrder.InPairs }
                when !IsOfConvolution(layer.Inputs[0]) =>
                "it makes blocks of channels larger that no convolution right before it makes, "
                    + "for which ONNX has no operator (supported: .npz)",
            _ => null,
        };
    }

    /// <summary>The integers that a layer's weights are; null where they are none.</summary>
    public OwnWeights? Own(FloatMacLayer mac) =>
        network.Layers.FirstOrDefault(l => l.Name == mac.Name) is { } origin
            ? OwnWeights.Of(origin)
            : null;

    /// <summary>Whether a layer reads integers, and a quantizer it, behind clamps.</summary>
    public bool IsBetween(int tensor)
    {
        if (Before(program.Layers[tensor - 1].Inputs[0]) is not FloatDequantizeLayer) return false;
        while (program.Layers.FirstOrDefault(l => l.Inputs.Contains(tensor)) is ClampLayer clamp)
            tensor = program.Layers.IndexOf(clamp) + 1;
        return program.Layers.Any(l => l is FloatQuantizeLayer && l.Inputs.Contains(tensor));
    }

    /// <summary>
    /// Whether ONNX Runtime drops a clamp of numbers ahead of a quantizer whose scale and zero
    /// point have no dimensions.
    /// </summary>
    public static bool Drops(ClampLayer clamp, TensorType type)
    {
        ClampBounds bounds = new(OrderedFloat.Value(clamp.Min), OrderedFloat.Value(clamp.Max));
        var quantizer = new FakeQuantizeLayer("", [], RawConstant.Quantizer(
            (float)type.Scale, (int)type.ZeroPoint, type.Bits, type.IsSigned));
        return bounds.IsMadeUpFor(quantizer)
            || (type is { Bits: 8, IsSigned: true }
                && bounds.IsMadeUpFor(quantizer with { IsUnsigned = true }));
    }

    /// <summary>Whether a convolution makes a tensor, with clamps behind it.</summary>
    private bool IsOfConvolution(int tensor)
    {
        while (Before(tensor) is ClampLayer { Inputs: [var before] }) tensor = before;
        return Before(tensor) is FloatMacLayer;
    }

    /// <summary>What writes a tensor; null for the image.</summary>
    public ProgramLayer? Before(int tensor) => tensor > 0 ? program.Layers[tensor - 1] : null;
}
