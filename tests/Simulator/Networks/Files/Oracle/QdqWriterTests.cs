using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Conformance;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
using AddLayer = QSim.Simulator.Networks.AddLayer;
using ConcatLayer = QSim.Simulator.Networks.ConcatLayer;
using MultiplyLayer = QSim.Simulator.Networks.MultiplyLayer;
using RearrangeLayer = QSim.Simulator.Networks.RearrangeLayer;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>Programs written as ONNX graphs, run by ONNX Runtime and read back.</summary>
public class QdqWriterTests
{
    private const int Images = 200;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public void Write_OnnxRuntimesProfile_GivesItsLogitsInOnnxRuntime(
        int seed, bool isMixed = false)
    {
        FloatNetwork network = isMixed ? Mixed(seed) : Convolutional(seed);
        TensorShape shape = network.Input;
        float[] images = Pixels(shape, Images);
        QuantizedProgram program = Quantizer.Quantize(network, SevenBits(), images);
        byte[] model = QdqWriter.Write(program, network);

        using var simulation = new Simulation(program, BackendList.Find("simd")!);
        TensorType output = program.Output;
        float[] hardware = [.. simulation.Run(images, RunOptions.Default).Outputs
            .Select(r => (float)output.Scale * (r - output.ZeroPoint))];
        using var ort = new OrtModel(model);
        float[] found = ort.Run(images, Images, shape.Channels, shape.Rows, shape.Columns);

        Assert.True(hardware.Distinct().Count() > 20, "logits say little");
        Assert.Equal(found, hardware);
    }

    /// <summary>Networks that were quantized before, written as ready-made integers.</summary>
    [Theory]
    [InlineData("LeNet", "onnxruntime-qlinear")]
    [InlineData("global", "onnxruntime-qlinear")]
    [InlineData("ties", "onnxruntime-qlinear")]
    [InlineData("whole", "onnxruntime-qlinear")]
    [InlineData("LeNet", "qnnpack")]
    [InlineData("global", "qnnpack")]
    [InlineData("ties", "qnnpack")]
    public void Integers_OfQuantizedGraph_RunTheSame(string model, string profile)
    {
        TensorShape shape = model != "LeNet" ? new(3, 8, 8) : new(1, 28, 28);
        FloatNetwork network = OnnxImporter.Import(
            model switch
            {
                "LeNet" => new QuantizedModel(5, false).LeNet(false),
                "global" => new QuantizedModel(11, false).Convolutional(),
                _ => new QuantizedModel(21, false).Between(model),
            },
            "f.onnx", shape);
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(profile));
        QuantizedProgram program = Quantizer.Quantize(network, datapath, Pixels(shape, 1));

        (_, _, QuantizedProgram back) = IntegerNetwork.Write(
            program, network, datapath, "w.npz");

        Assert.Equal(program.Layers.Select(l => l.Name), back.Layers.Select(l => l.Name));
        Assert.Equal(Outputs(program), Outputs(back));

        long[] Outputs(QuantizedProgram of)
        {
            using var simulation = new Simulation(of, BackendList.Find("simd")!);
            return simulation.Run(Pixels(shape, 100), RunOptions.Default).Outputs;
        }
    }

    /// <summary>What ONNX can say of the network is the network: weights, biases, scales.</summary>
    [Theory]
    [InlineData("onnxruntime-qlinear")]
    [InlineData("qnnpack")]
    [InlineData("tflite-int8")]
    [InlineData("int8-wide")]
    [InlineData("int4")]
    public void Write_ReadBack_HasTheSameIntegers(string profile)
    {
        FloatNetwork network = Convolutional(4);
        QuantizedProgram program = ShippedCases.Program(profile, network);

        FloatNetwork read = OnnxImporter.Import(
            QdqWriter.Write(program, network), "f.onnx", network.Input);
        QuantizedProgram back = Quantizer.Quantize(
            read, DatapathCompiler.Compile(ProfileReader.Read(profile)), Pixels(network.Input, 1));

        Assert.Equal(
            program.Layers.OfType<MacLayer>().SelectMany(m => m.Weights),
            back.Layers.OfType<MacLayer>().SelectMany(m => m.Weights));
        Assert.Equal(
            program.Layers.OfType<MacLayer>().SelectMany(m => m.Bias),
            back.Layers.OfType<MacLayer>().SelectMany(m => m.Bias));

        // White is 16 steps of int4's pixels, which have 4 bits, and a byte in ONNX would hold it.
        float[] white = [.. Enumerable.Repeat(1f, network.Input.Length)];
        Assert.Equal(
            new InputConverter(program.Input).Quantize(white),
            new InputConverter(back.Input).Quantize(white));
    }

    /// <summary>White leaves such an input; ONNX's type would hold it.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(12)]
    public void Write_PixelsThatEndBelowWhite_AreReadBack(int bits)
    {
        FloatNetwork network = Convolutional(4);
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(
            "onnxruntime-qlinear",
            new ProfileOverride("input.bits", $"{bits}"),
            new ProfileOverride("input.pixels", "real"),
            new ProfileOverride("input.scale", "power_of_two"),
            new ProfileOverride("input.affine", "false")));
        float[] images = [.. Pixels(network.Input, 20).Select(p => Math.Min(1, 1.2f * p))];
        QuantizedProgram program = Quantizer.Quantize(
            network, datapath, images.Select(p => p * 0.7f).ToArray());
        Assert.True(program.Input.Type.Scale * program.Input.Type.MaxRaw < 1);

        byte[] file = QdqWriter.Write(program, network);

        QuantizedProgram back = Quantizer.Quantize(
            OnnxImporter.Import(file, "f.onnx", network.Input), datapath, images);
        Assert.Equal(program.Input.Type, back.Input.Type);
        using var first = new Simulation(program, BackendList.Find("simd")!);
        using var second = new Simulation(back, BackendList.Find("simd")!);
        Assert.Equal(
            first.Run(images, RunOptions.Default).Outputs,
            second.Run(images, RunOptions.Default).Outputs);
    }

    /// <summary>Functions that opset 13 has not make the file's opset a newer one.</summary>
    [Theory]
    [InlineData("HardSwish")]
    [InlineData("Mish")]
    [InlineData("Gelu")]
    [InlineData("GeluTanh")]
    [InlineData("LeakyRelu")]
    [InlineData("Silu")]
    [InlineData("Silu", 1.0)]
    [InlineData("InverseRoot")]
    [InlineData("InverseRoot", 0.0)]
    public void Write_Functions_AreReadBackAndRunByOnnxRuntime(
        string name, double parameter = 0.1)
    {
        var function = Enum.Parse<PointFunction>(name);
        FloatNetwork plain = Convolutional(4);
        FloatNetwork network = function == PointFunction.InverseRoot
            ? BehindFirstRelu(plain, function, parameter)
            : new("f", plain.Input, [.. plain.Layers.Select(l =>
                l is ReluLayer && l.Name == plain.Layers.OfType<ReluLayer>().First().Name
                    ? new PointLayer(l.Name, l.Inputs, function, parameter, 0) : l)]);
        float[] images = Pixels(network.Input, 20);
        Datapath datapath = SevenBits();
        QuantizedProgram program = Quantizer.Quantize(network, datapath, images);

        byte[] file = QdqWriter.Write(program, network);

        QuantizedProgram back = Quantizer.Quantize(
            OnnxImporter.Import(file, "f.onnx", network.Input), datapath, images);
        using var first = new Simulation(program, BackendList.Find("simd")!);
        using var second = new Simulation(back, BackendList.Find("simd")!);
        long[] outputs = first.Run(images, RunOptions.Default).Outputs;
        Assert.Equal(outputs, second.Run(images, RunOptions.Default).Outputs);
        // Of 0 the inverse root is 0 in hardware, and without end in ONNX.
        if (function == PointFunction.InverseRoot && parameter == 0) return;
        using var ort = new OrtModel(file);
        float[] found = ort.Run(images, 20, 3, 12, 12);
        float step = (float)program.Output.Scale;
        Assert.All(outputs.Zip(found), p => Assert.InRange(
            p.Second - ((p.First - program.Output.ZeroPoint) * step), -2 * step, 2 * step));
    }

    [Theory]
    [InlineData("hls4ml-default", "binary point")]
    [InlineData("acc12-sat", null)]
    [InlineData("dsp48-18x27", "27 bits, and ONNX quantizes to at most 16")]
    public void Write_WhatOnnxDoesNotSay_IsRefused(string profile, string? why)
    {
        FloatNetwork network = Convolutional(4);
        QuantizedProgram program = ShippedCases.Program(profile, network);
        string? found = null;
        try
        {
            QdqWriter.Write(program, network);
        }
        catch (NotSupportedException e)
        {
            found = e.Message;
        }

        if (why is null) Assert.Null(found);
        else Assert.Contains(why, found);
    }

    /// <summary>
    /// Weights of at most 63, which ONNX Runtime calls a reduced range: beyond, it saturates sums
    /// of two products on processors with AVX2 and without VNNI.
    /// </summary>
    private static Datapath SevenBits()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, """
            schema: qsim/hardware-profile/1
            name: reduced
            summary: test
            extends: onnxruntime-qlinear
            weight: {bits: 7}
            """);
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(file));
        File.Delete(file);
        return datapath;
    }

    /// <summary>A network with one more layer, which reads nothing below 0.</summary>
    private static FloatNetwork BehindFirstRelu(
        FloatNetwork plain, PointFunction function, double parameter)
    {
        int at = 1 + plain.Layers.ToList().FindIndex(l => l is ReluLayer);
        return new("f", plain.Input, [
            .. plain.Layers.Take(at), new PointLayer("function", [at], function, parameter),
            .. plain.Layers.Skip(at).Select(l => l with
            {
                Inputs = [.. l.Inputs.Select(i => i >= at ? i + 1 : i)],
            }),
        ]);
    }

    private static float[] Pixels(TensorShape shape, int count)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count * shape.Length).Select(_ => random.Next(256) / 255f)];
    }

    private static FloatNetwork Convolutional(int seed)
    {
        FloatNetwork network = new NetworkBuilder("exported", new(3, 12, 12))
            .Conv(8, 3, padding: 1).Relu().MaxPool(2).Conv(8, 3, groups: 8).Relu()
            .Conv(6, 1, stride: 2).Relu().Flatten().Dense(10).Relu().Dense(7).Build();
        return Filled(network, seed);
    }

    /// <summary>Features meet channels of one position, which have four dimensions.</summary>
    private static FloatNetwork Mixed(int seed)
    {
        Conv2dLayer Point(string name, int input) => new(
            name, [input], 8, new WindowGeometry(), new float[64], new float[8]);
        return Filled(new("mixed", new(3, 6, 6), [
            new Conv2dLayer(
                "conv", [0], 8, new WindowGeometry(3, 3), new float[216], new float[8]),
            new ReluLayer("relu", [1]), new AveragePool2dLayer("mean", [2], new(4, 4, 4, 4)),
            new DenseLayer("gate", [3], 8, new float[64], new float[8]),
            new MultiplyLayer("gated", [3, 4]), Point("on_features", 4),
            new AddLayer("sum", [6, 4]),
            new RearrangeLayer("turned", [4], new(8), [7, 6, 5, 4, 3, 2, 1, 0]),
            Point("on_turned", 8), new MaxPool2dLayer("pooled", [8], new WindowGeometry()),
            new ConcatLayer("all", [9, 8, 5, 7, 10, 3]),
            new DenseLayer("logits", [11], 5, new float[5 * 48], new float[5]),
        ]), seed);
    }

    private static FloatNetwork Filled(FloatNetwork network, int seed)
    {
        var random = new Random(seed);
        foreach (float[] parameters in network.Layers.SelectMany(l => l.Parameters))
            for (int i = 0; i < parameters.Length; i++)
                parameters[i] = (random.NextSingle() - 0.45f) / 2;
        return network;
    }
}
