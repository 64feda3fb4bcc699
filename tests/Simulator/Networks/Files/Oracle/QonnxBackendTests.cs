using QSim.Kernels.Backends;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
using QSim.Simulator.Tests.Profiles;

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

    /// <summary>Odd seeds have a batch norm, and so a scale per channel.</summary>
    private static FloatNetwork Network(int seed)
    {
        var random = new Random(seed);
        var model = new QonnxModel(seed);
        QonnxModel.Value image = model.Image(2, 8);
        QonnxModel.Value x = seed % 2 == 0
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
            model.Dense(x, 5, 3), 8, isSigned: true, step: 1 / 8.0);
        return BatchNormFolding.ForHardware(OnnxImporter.Import(
            model.Build(image, logits), "q.onnx", new(2, 8, 8)));
    }
}
