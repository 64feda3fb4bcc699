using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
using QSim.Simulator.Tests.Profiles;
using QSim.Simulator.Tests.Quantization;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Signs of sums and sums that lose bits, which no shipped profile's own requantization makes, on
/// every backend.
/// </summary>
public class QonnxBackendTests
{
    public static TheoryData<string> Names => [.. ShippedProfiles.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void SignsAndTrunc_OnEveryProfile_SimdEqualsReference(string name)
    {
        for (int seed = 1; seed <= 6; seed++)
        {
            bool hasScales = seed % 2 == 1;
            try
            {
                ShippedOnBackendsTests.Compare(name, Network(seed), [BackendList.Find("simd")!]);
            }
            catch (QuantizationException e) when (hasScales && name == "hls4ml-default")
            {
                Assert.Contains("a fixed binary point needs one weight scale", e.Message);
            }
        }
    }

    [Theory]
    [InlineData("onnxruntime-qlinear", 1)]
    [InlineData("int8-acc-wrap", 2)]
    public void SignsAndTrunc_OnEveryBackend_EqualReference(string name, int seed) =>
        ShippedOnBackendsTests.Compare(name, Network(seed), ShippedOnBackendsTests.Backends);

    /// <summary>Written as ready-made integers and read again: the same program.</summary>
    [Theory]
    [InlineData("int8-wide")]
    [InlineData("finn-w4a4")]
    public void SignsAndTrunc_AsReadyMadeIntegers_AreTheSameProgram(string name)
    {
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(name));
        foreach (int seed in (int[])[1, 2, 3, 4, 5, 6, 8])
        {
            FloatNetwork network = Network(seed);
            float[] images = TinyNetworks.Images(network.Input, 20);
            QuantizedProgram program = Quantizer.Quantize(network, datapath, images);

            (string yaml, _, QuantizedProgram back) =
                IntegerNetwork.Write(program, network, datapath, "w.npz");

            Assert.Contains("unit: sign", yaml);
            Assert.Contains("unit: shift, rounding: ", yaml);
            Assert.Equal(program.Layers.Select(l => l.Name), back.Layers.Select(l => l.Name));
            Assert.Equal(
                program.Layers.OfType<MacLayer>().SelectMany(m => m.Requantization)
                    .Select(r => (r.Kind, r.Output, r.ZeroPoint, r.ClampMin, r.ClampMax)),
                back.Layers.OfType<MacLayer>().SelectMany(m => m.Requantization)
                    .Select(r => (r.Kind, r.Output, r.ZeroPoint, r.ClampMin, r.ClampMax)));
            using var first = new Simulation(program, BackendList.Find("simd")!);
            using var second = new Simulation(back, BackendList.Find("simd")!);
            Assert.Equal(
                first.Run(images, RunOptions.Default).Outputs,
                second.Run(images, RunOptions.Default).Outputs);
        }
    }

    /// <summary>Sums as logits have a form in ONNX, and mostly none among a profile's.</summary>
    [Fact]
    public void Logits_ThatNothingQuantizes_AreWrittenAsOnnxAlone()
    {
        var model = new QonnxModel(5);
        QonnxModel.Value image = model.Image(2, 8);
        QonnxModel.Value x = model.Sign(
            model.Conv(model.Quant(image, 8, isSigned: false, step: 1 / 256.0), 4, 3, 2), 0.5);
        FloatNetwork network = OnnxImporter.Import(
            model.Build(image, model.Dense(x, 5, 3)), "q.onnx", new(2, 8, 8));
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read("onnxruntime-qlinear"));
        float[] images = TinyNetworks.Images(network.Input, 20);
        QuantizedProgram program = Quantizer.Quantize(network, datapath, images);

        QuantizedProgram back = Quantizer.Quantize(
            OnnxImporter.Import(QdqWriter.Write(program, network), "f.onnx", network.Input),
            datapath, images);

        using var first = new Simulation(program, BackendList.Find("simd")!);
        using var second = new Simulation(back, BackendList.Find("simd")!);
        Assert.Equal(
            first.Run(images, RunOptions.Default).Outputs,
            second.Run(images, RunOptions.Default).Outputs);
        var e = Assert.Throws<NotSupportedException>(
            () => IntegerNetwork.Write(program, network, datapath, "w.npz"));
        Assert.Contains(
            "nothing quantizes its sums, of 32 bits, and outputs of 'onnxruntime-qlinear' have 8",
            e.Message);
    }

    /// <summary>Written as ONNX with QONNX's operators and read again: the same integers.</summary>
    [Theory]
    [InlineData("int8-wide")]
    [InlineData("finn-w4a4")]
    [InlineData("onnxruntime-qlinear")]
    public void SignsAndTrunc_AsOnnx_GiveTheSameOutputs(string name)
    {
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(name));
        for (int seed = 1; seed <= 8; seed++)
        {
            FloatNetwork network = Network(seed);
            float[] images = TinyNetworks.Images(network.Input, 20);
            QuantizedProgram program = Quantizer.Quantize(network, datapath, images);

            byte[] file = QdqWriter.Write(program, network);

            string[] operators = [.. OnnxReader.Read(file).Nodes.Select(n => n.Operator)];
            Assert.Contains("qonnx.custom_op.general.BipolarQuant", operators);
            Assert.Contains("qonnx.custom_op.general.Trunc", operators);
            FloatNetwork read = BatchNormFolding.ForHardware(
                OnnxImporter.Import(file, "f.onnx", network.Input));
            QuantizedProgram back = Quantizer.Quantize(read, datapath, images);
            Assert.Equal(
                program.Layers.OfType<MacLayer>().SelectMany(m => m.Weights),
                back.Layers.OfType<MacLayer>().SelectMany(m => m.Weights));
            using var first = new Simulation(program, BackendList.Find("simd")!);
            using var second = new Simulation(back, BackendList.Find("simd")!);
            Assert.Equal(
                first.Run(images, RunOptions.Default).Outputs,
                second.Run(images, RunOptions.Default).Outputs);
        }
    }

    /// <summary>Odd seeds have a batch norm, and so a scale per channel.</summary>
    private static FloatNetwork Network(int seed)
    {
        var random = new Random(seed);
        var model = new QonnxModel(seed);
        QonnxModel.Value image = model.Image(2, 8);
        QonnxModel.Value x = seed % 4 == 0
            ? model.Sign(model.Centred(image), 1)
            : model.Quant(image, 8, isSigned: false, step: 1 / 256.0);
        x = model.Conv(x, 4, 3, 1 + (seed % 3), hasBias: true, pad: 1);
        x = model.Sign(seed % 2 == 0 ? x : model.Norm(x), 0.5);
        x = model.Quant(model.Relu(model.Conv(x, 3, 1, 4)), 4, isSigned: false, step: 1 / 16.0);
        string mode = random.Next(2) == 0 ? "FLOOR" : "ROUND";
        x = seed % 3 == 0
            ? model.ScaledTruncPool(x, 2, 1 / 16.0, (4, false, 2), mode)
            : model.TruncPool(x, 2, 1 / 16.0, 6, 4, mode);
        QonnxModel.Value logits = model.Quant(
            model.Dense(x, 5, 3), 8, isSigned: true, isNarrow: seed % 2 == 0, step: 1 / 8.0);
        return BatchNormFolding.ForHardware(OnnxImporter.Import(
            model.Build(image, logits), "q.onnx", new(2, 8, 8)));
    }
}
