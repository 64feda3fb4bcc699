using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Layers of float32 numbers that ONNX Runtime would make others of.</summary>
/// <param name="program">The program.</param>
/// <param name="network">The network that it was made from.</param>
internal sealed class FloatUnsaid(QuantizedProgram program, FloatNetwork network)
{
    /// <summary>Why ONNX Runtime would compute another layer; null where it would not.</summary>
    public string? WhyNot(ProgramLayer layer) =>
        layer is FloatResizeLayer { Order: ResizeOrder.InPairs }
        && !IsOfConvolution(layer.Inputs[0])
            ? "it makes blocks of channels larger that no convolution right before it makes, for "
                + "which ONNX has no operator (supported: .npz)"
            : null;

    /// <summary>The integers that a layer's weights are; null where they are none.</summary>
    public OwnWeights? Own(FloatMacLayer mac) =>
        network.Layers.FirstOrDefault(l => l.Name == mac.Name) is { } origin
            ? OwnWeights.Of(origin)
            : null;

    /// <summary>
    /// Whether ONNX Runtime would make an operator of integers of a layer and the quantizer behind
    /// it, through maximum pools and clamps, or one of numbers of sums of integers and a clamp.
    /// </summary>
    public bool IsBetween(int tensor)
    {
        ProgramLayer layer = program.Layers[tensor - 1];
        bool areSums = IsOpen(layer) && !QdqMac.HasScales(program, tensor);
        if (!areSums && !(layer is FloatAddLayer or FloatMultiplyLayer or FloatAverageLayer
                or FloatSoftmaxLayer or FloatMacLayer or FloatProductSumLayer
            && layer.Inputs.Any(i => Before(i) is FloatDequantizeLayer)))
            return false;
        ProgramLayer[] readers = Readers(tensor);
        bool isClamped = readers is [ClampLayer];
        while (readers is [ClampLayer or MaxPoolLayer])
            readers = Readers(program.Layers.IndexOf(readers[0]) + 1);
        return (areSums && isClamped)
            || (readers.Length > 0 && readers.All(r => r is FloatQuantizeLayer));
    }

    /// <summary>Whether a layer makes numbers of sums, or scales these.</summary>
    private bool IsOpen(ProgramLayer layer) => layer switch
    {
        FloatDequantizeLayer => Before(layer.Inputs[0]) is MacLayer { Output.Bits: 32 },
        FloatAffineLayer => QdqMac.HasScales(program, layer.Inputs[0]),
        _ => false,
    };

    private ProgramLayer[] Readers(int tensor) =>
        [.. program.Layers.Where(l => l.Inputs.Contains(tensor))];

    /// <summary>Whether a convolution makes a tensor, with clamps behind it.</summary>
    private bool IsOfConvolution(int tensor)
    {
        while (Before(tensor) is ClampLayer { Inputs: [var before] }) tensor = before;
        return Before(tensor) is FloatMacLayer;
    }

    /// <summary>What writes a tensor; null for the image.</summary>
    public ProgramLayer? Before(int tensor) => tensor > 0 ? program.Layers[tensor - 1] : null;
}
