using QSim.Kernels.Backends;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>Images made larger in quantized graphs.</summary>
public class QuantizedBilinearTests
{
    /// <summary>
    /// Bilinear interpolation between equal scales: sums of sixteenths, halves to even. ONNX
    /// Runtime's are the same but for such halves, which its float32 puts on either side.
    /// </summary>
    [Fact]
    public void Run_Bilinear_IsExactAndOnnxRuntimesButForHalves()
    {
        byte[] model = new QuantizedModel(23, false).Upsampled();
        var random = new Random(5);
        float[] images = [.. Enumerable.Range(0, 20 * 16).Select(_ => random.Next(256) / 255f)];
        float[] wanted;
        using (var ort = new OrtModel(model)) wanted = ort.Run(images, 20, 1, 4, 4);
        FloatNetwork network = OnnxImporter.Import(model, "f.onnx", new(1, 4, 4));
        using var simulation = new Simulation(
            QuantizedGraphTests.Program(network, "onnxruntime-qlinear"),
            BackendList.Find("simd")!);
        long[] found = simulation.Run(images, RunOptions.Default).Outputs;

        int halves = 0;
        for (int i = 0; i < found.Length; i++)
        {
            int sixteenths = Sixteenths(images.AsSpan(i / 64 * 16, 16), i % 64);
            Assert.Equal((long)Math.Round(sixteenths / 16.0), found[i]);
            if (sixteenths % 16 == 8) halves++;
            else Assert.Equal(wanted[i], found[i] / 255f, 1e-6);
        }

        Assert.InRange(halves, 20, found.Length / 4);
    }

    /// <summary>Sixteen times a value of a 4x4 image made 8x8 by half pixels.</summary>
    private static int Sixteenths(ReadOnlySpan<float> image, int at)
    {
        (int row, int column) = (at / 8, at % 8);
        int sum = 0;
        foreach ((int r, int a) in Taps(row))
            foreach ((int c, int b) in Taps(column))
                sum += a * b * (int)Math.Round(image[(r * 4) + c] * 255);
        return sum;

        static (int Source, int Weight)[] Taps(int place) =>
        [
            (place / 2, 3), (Math.Clamp((place / 2) + ((2 * (place % 2)) - 1), 0, 3), 1),
        ];
    }
}
