using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Graphs with scales found in each image: on <c>onnxruntime-qlinear</c> every logit is the float32
/// that ONNX Runtime gives, image by image, for it takes the range of a whole batch. int8 weights
/// stay within 63, as in <see cref="QuantizedGraphTests"/>.
/// </summary>
public class DynamicGraphTests
{
    private const int Images = 1000;

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    public void Run_LeNet_GivesOnnxRuntimesLogits(
        bool isPerChannel, bool isSigned, bool optimizes) => Equal(
        new DynamicModel(5, isPerChannel, isSigned ? DataType.Int8 : DataType.Uint8).LeNet(),
        new(1, 28, 28), Images, optimizes);

    /// <summary>Whole networks with means, gates and residuals in float32 between.</summary>
    [SkippableTheory]
    [InlineData("resnet20", 13, true)]
    [InlineData("resnet20", 20, false)]
    [InlineData("mobilenet-v2", 13, true)]
    [InlineData("mobilenet-v2", 18, true)]
    [InlineData("mobilenet-v3", 17, true)]
    [InlineData("efficientnet", 19, true)]
    public void Run_NamedNetworks_GiveOnnxRuntimesLogits(string name, int opset, bool optimizes)
    {
        DynamicModel.SkipWiderBlocks();
        var model = new DynamicModel(7, name != "resnet20", opset: opset);
        TensorShape shape = name == "resnet20" ? new(3, 32, 32) : new(3, 16, 16);
        Equal(DynamicForms.Named(name, model), shape, 300, optimizes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Run_EveryBackend_GivesTheSame(int seed)
    {
        EveryBackendGivesTheSame(
            new DynamicModel(seed, true, opset: 13 + seed).Chain(seed % 2 == 0), new(3, 8, 8));
    }

    internal static void EveryBackendGivesTheSame(byte[] model, TensorShape shape)
    {
        QuantizedProgram program = Program(model, shape, "int8-acc-wrap");
        float[] images = QuantizedGraphTests.Pixels(shape, 3);
        RunResult[] results =
        [
            .. new[] { "reference", "simd", "ilgpu-cpu" }
                .Select(BackendList.Find).OfType<IBackend>()
                .Where(b => b.WhyNot(program) is null)
                .Select(b =>
                {
                    using var simulation = new Simulation(program, b);
                    return simulation.Run(images, RunOptions.WithEvents);
                }),
        ];

        Assert.True(results.Length >= 2);
        Assert.All(results, r => Assert.Equal(results[0].Outputs, r.Outputs));
        Assert.All(results, r => Assert.Equal(
            results[0].Events.SelectMany(e => e.Stages.Select(s => s.Overflowed)),
            r.Events.SelectMany(e => e.Stages.Select(s => s.Overflowed))));
    }

    /// <summary>The float network is the same function, up to what float32 rounds.</summary>
    [Fact]
    public void Forward_LeNet_IsNearTheHardware()
    {
        byte[] file = new DynamicModel(5, true).LeNet();
        TensorShape shape = new(1, 28, 28);
        FloatNetwork network = Import(file, shape);
        float[] images = QuantizedGraphTests.Pixels(shape, 20);
        float[] hardware = Logits(file, shape, images);

        float[] reals =
        [
            .. images.Chunk(shape.Length).SelectMany(i => FloatForward.Run(network, i)[^1]),
        ];

        float most = hardware.Max(Math.Abs);
        Assert.All(hardware.Zip(reals), p => Assert.InRange(
            Math.Abs(p.First - p.Second), 0, 0.03 * most));
    }

    [Theory]
    [InlineData("ReduceMean", "depends on where numbers lie in memory")]
    [InlineData("Softplus", "softplus: it computes in float32")]
    public void Quantize_WhatComputesInFloat_IsRefusedByName(string type, string why)
    {
        var graph = new GraphBuilder(13);
        string x = type == "Softplus" ? graph.Node(type, ["x"])
            : graph.Node(type, ["x"], Is("axes", 2, 3));
        string[] integers = graph.Nodes("DynamicQuantizeLinear", [graph.Node("Flatten", [x])], 3);
        int depth = type == "Softplus" ? 192 : 3;
        string sums = graph.Node(
            "MatMulInteger",
            [
                integers[0], graph.Raw(DataType.Int8, new int[depth * 2], depth, 2), integers[2],
            ]);
        string y = graph.Node(
            "Mul",
            [
                graph.Node("Cast", [sums], I("to", 1)),
                graph.Node("Mul", [integers[1], graph.Real(0.1f)]),
            ]);

        var e = Assert.Throws<QuantizationException>(() => Program(
            graph.Build(DataType.Float, [-1, 3, 8, 8], y), new(3, 8, 8), "onnxruntime-qlinear"));

        Assert.Contains(why, e.Message);
        Assert.Contains("or quantize the network statically", e.Message);
    }

    /// <summary>ONNX Runtime sums columns in a buffer; wider rows it sums in another order.
    /// </summary>
    [Theory]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void Quantize_WindowsOfWideRows_AreRefusedByName(int columns, bool runs)
    {
        var graph = new GraphBuilder(13);
        string x = graph.Node(
            "AveragePool", ["x"], Is("kernel_shape", 3, 3), Is("pads", 1, 1, 1, 1));
        string[] integers = graph.Nodes("DynamicQuantizeLinear", [graph.Node("Flatten", [x])], 3);
        int depth = 9 * columns;
        string sums = graph.Node(
            "MatMulInteger",
            [
                integers[0], graph.Raw(DataType.Int8, new int[depth * 2], depth, 2), integers[2],
            ]);
        byte[] file = graph.Build(
            DataType.Float, [-1, 3, 3, columns], graph.Node(
                "Mul",
                [
                    graph.Node("Cast", [sums], I("to", 1)),
                    graph.Node("Mul", [integers[1], graph.Real(0.1f)]),
                ]));

        Exception? e = Record.Exception(
            () => Program(file, new(3, 3, columns), "onnxruntime-qlinear"));

        if (runs) Assert.Null(e);
        else Assert.Contains(
            "depends on where numbers lie in memory",
            Assert.IsType<QuantizationException>(e).Message);
    }

    [Fact]
    public void Quantize_ABinaryPointOfTheProfiles_IsRefused()
    {
        var e = Assert.Throws<QuantizationException>(() => Program(
            new DynamicModel(5, false).LeNet(), new(1, 28, 28), "hls4ml-default"));

        Assert.Contains("a fixed binary point cannot go with a scale", e.Message);
    }

    [Fact]
    public void Write_ScalesOfEachImage_IsRefusedByName()
    {
        TensorShape shape = new(1, 28, 28);
        FloatNetwork network = Import(new DynamicModel(5, false).LeNet(), shape);
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read("int8-wide"));
        QuantizedProgram program = Quantizer.Quantize(
            network, datapath, QuantizedGraphTests.Pixels(shape, 1));

        var e = Assert.Throws<NotSupportedException>(
            () => IntegerNetwork.Write(program, network, datapath, "w.npz"));

        Assert.Contains("finds its scale in each image", e.Message);
    }

    /// <summary>What is written is read back, and run by ONNX Runtime, to the same bits.</summary>
    [SkippableTheory]
    [InlineData("lenet", 13)]
    [InlineData("resnet20", 13)]
    [InlineData("resnet20", 20)]
    [InlineData("mobilenet-v2", 18)]
    [InlineData("mobilenet-v3", 15)]
    [InlineData("efficientnet", 19)]
    public void Write_NamedNetworks_RunTheSame(string name, int opset)
    {
        DynamicModel.SkipWiderBlocks();
        var model = new DynamicModel(11, name != "resnet20", opset: opset);
        TensorShape shape = name switch
        {
            "lenet" => new(1, 28, 28),
            "resnet20" => new(3, 32, 32),
            _ => new(3, 16, 16),
        };
        byte[] file = name == "lenet" ? model.LeNet() : DynamicForms.Named(name, model);
        WrittenIsTheSame(file, shape, 20);
    }

    [Theory]
    [InlineData("Relu", "reads the integers of a DynamicQuantizeLinear")]
    [InlineData("scale", "reads the scale of a DynamicQuantizeLinear")]
    [InlineData("output", "is the network's, and the integers of a DynamicQuantizeLinear")]
    [InlineData("zero", "computes with")]
    [InlineData("sums", "reads sums without their scale")]
    public void Import_AnotherForm_IsRefusedByName(string form, string why)
    {
        var graph = new GraphBuilder(13);
        string[] integers = graph.Nodes("DynamicQuantizeLinear", ["x"], 3);
        string weights = graph.Raw(DataType.Int8, new int[24], 12, 2);
        string y = form switch
        {
            "Relu" => graph.Node("Relu", [integers[0]]),
            "scale" => graph.Node("Add", [integers[1], graph.Real(1)]),
            "zero" => graph.Node(
                "MatMulInteger", [integers[0], weights, graph.Raw(DataType.Uint8, [0])]),
            "sums" => graph.Node(
                "Relu",
                [graph.Node("MatMulInteger", [integers[0], weights, integers[2]])]),
            _ => integers[0],
        };

        var e = Assert.Throws<InputException>(() => Import(
            graph.Build(DataType.Float, [-1, 12], y), new(12)));

        Assert.Contains(form == "zero" ? "reads the integers" : why, e.Message);
    }

    internal static void WrittenIsTheSame(
        byte[] file, TensorShape shape, int count, int? leastDistinct = null)
    {
        float[] images = QuantizedGraphTests.Pixels(shape, count);
        byte[] written = QdqWriter.Write(
            Program(file, shape, "onnxruntime-qlinear"), Import(file, shape));

        Assert.Equal(Logits(file, shape, images), Logits(written, shape, images));
        Equal(written, shape, count, optimizes: true, leastDistinct);
    }

    private static FloatNetwork Import(byte[] model, TensorShape shape) =>
        BatchNormFolding.ForHardware(OnnxImporter.Import(model, "f.onnx", shape));

    private static QuantizedProgram Program(byte[] model, TensorShape shape, string profile) =>
        Quantizer.Quantize(
            Import(model, shape), DatapathCompiler.Compile(ProfileReader.Read(profile)),
            QuantizedGraphTests.Pixels(shape, 1));

    private static float[] Logits(byte[] model, TensorShape shape, float[] images) =>
        Logits(Program(model, shape, "onnxruntime-qlinear"), images);

    /// <summary>The numbers that a program gives.</summary>
    internal static float[] Logits(QuantizedProgram program, float[] images)
    {
        using var simulation = new Simulation(program, BackendList.Find("simd")!);
        var buffers = new RunBuffers(simulation.Program, []);
        simulation.Run(images, buffers, 0);
        float[] logits = new float[buffers.Output.Count];
        Dequantization.Read(buffers.Output, 0, logits);
        return logits;
    }

    /// <summary>Every number that comes out, against ONNX Runtime's.</summary>
    internal static void Equal(
        byte[] model, TensorShape shape, int count, bool optimizes, int? leastDistinct = null)
    {
        float[] images = QuantizedGraphTests.Pixels(shape, count);
        float[] wanted;
        using (var ort = new OrtModel(model, optimizes))
            wanted =
            [
                .. images.Chunk(shape.Length).SelectMany(i =>
                    ort.Run(i, 1, shape.Channels, shape.Rows, shape.Columns)),
            ];

        float[] found = Logits(model, shape, images);

        Assert.True(
            wanted.Distinct().Count() >= (leastDistinct ?? Math.Min(count + 1, wanted.Length)),
            "logits say little");
        Assert.Equal(0, found.Zip(wanted).Count(p => p.First != p.Second));
    }
}
