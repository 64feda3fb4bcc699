using QSim.Simulator.Tests.Networks.Files.Oracle;

namespace QSim.Simulator.Tests.Networks.Files.Exported;

/// <summary>Networks that PyTorch quantizes and exports here (quantized.py).</summary>
public class ExportedQuantizedTests
{
    [SkippableTheory]
    [InlineData("converted")]
    [InlineData("aware")]
    public void Run_WhatPyTorchQuantized_GivesOnnxRuntimesLogits(string name)
    {
        using var folder = new Export("quantized.py", name);

        QuantizedGraphTests.Equal(File.ReadAllBytes(folder.File("onnx")), new(3, 8, 8), 300);
    }
}
