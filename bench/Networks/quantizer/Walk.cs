using Microsoft.ML.OnnxRuntime;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.OrtWalk;

/// <summary>
/// Every quantized file of a folder: the logits of <c>onnxruntime-qlinear</c> against those of ONNX
/// Runtime, number by number. One line for each goes to the output, in tabs.
/// </summary>
internal static class Walk
{
    private const int Images = 20;

    /// <summary>Sums of 16-bit weights and 16-bit activations, which ONNX Runtime has in float32.
    /// </summary>
    private static readonly ProfileOverride Wide = new("mac.accumulator.bits", "48");

    public static int Run(string folder, string[] names)
    {
        foreach (string file in Directory.GetFiles(folder, "*.onnx").Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileNameWithoutExtension(file);
            if (names.Length > 0 && !names.Any(name.Contains)) continue;
            Console.WriteLine($"{name}\t{Verdict(file)}");
        }

        return 0;
    }

    private static string Verdict(string file)
    {
        QuantizedProgram program;
        FloatNetwork network;
        try
        {
            network = NetworkFile.Load(file, null).Network;
            program = Program(network);
        }
        catch (Exception e) when (e is InputException or QuantizationException)
        {
            string why = e.Message.ReplaceLineEndings(" ").Replace($"{file}: ", "");
            return $"refused\t{why}";
        }

        TensorShape shape = network.Input;
        float[] images = Pixels(shape), found = Logits(program, images);
        byte[] model = File.ReadAllBytes(file);
        float[] wanted;
        try
        {
            wanted = Ort.Run(model, Ort.Default, images, shape);
        }
        catch (OnnxRuntimeException e)
        {
            return $"fails\tin ONNX Runtime: {e.Message.ReplaceLineEndings(" ")}; apart from its "
                + string.Join(", ", Ort.Others.Select(
                    way => $"'{way.Name}' by {Text(Otherwise(way))}"));
        }

        if (Apart(found, wanted) is 0)
            return $"equal\t{wanted.Distinct().Count()} values";
        int odd = found.Zip(wanted).Count(p => p.First != p.Second);
        double? wide = Otherwise(Ort.WidePairs);
        double wider = Apart(Logits(Program(network, Wide), images), wanted);
        var others = Ort.Others.Select(way => $"{way.Name} {Text(Otherwise(way))}");
        return $"differ\t{odd} of {wanted.Length} by up to {Text(Apart(found, wanted))} of "
            + $"{Text(wanted.Max(Math.Abs))}; wide pairs {Text(wide)}, "
            + $"{string.Join(", ", others)}, 48-bit sums {Text(wider)}; " + (wide == 0
                ? "none is left with wide pairs"
                : FirstDifference.Find(
                    model, wide is null ? Ort.Default : Ort.WidePairs, program, images, shape));

        double? Otherwise(OrtWay way)
        {
            try
            {
                return Apart(found, Ort.Run(model, way, images, shape));
            }
            catch (OnnxRuntimeException)
            {
                return null;
            }
        }
    }

    private static string Text(double? value) => value is { } number
        ? number.ToString("g3")
        : "fails in ONNX Runtime";

    private static QuantizedProgram Program(
        FloatNetwork network, params ProfileOverride[] overrides) => Quantizer.Quantize(
        network,
        DatapathCompiler.Compile(ProfileReader.Read("onnxruntime-qlinear", overrides)),
        Pixels(network.Input).AsSpan(0, network.Input.Length).ToArray());

    private static float[] Logits(QuantizedProgram program, float[] images)
    {
        using var simulation = new Simulation(program, BackendList.Find("simd")!);
        var buffers = new RunBuffers(simulation.Program, []);
        int length = program.Input.Type.Shape.Length;
        List<float> logits = [];
        float[] one = new float[program.Output.Shape.Length];
        foreach (float[] image in images.Chunk(length))
        {
            simulation.Run(image, buffers, 0);
            Dequantization.Read(buffers.Output, 0, one);
            logits.AddRange(one);
        }

        return [.. logits];
    }

    private static double Apart(float[] a, float[] b) => a.Length != b.Length
        ? double.PositiveInfinity
        : a.Zip(b).Max(p => p.First == p.Second ? 0
            : Math.Abs((double)p.First - p.Second) is var d && d > 0 ? d
            : double.PositiveInfinity);

    /// <summary>Bytes over 255, some images darker than others.</summary>
    private static float[] Pixels(TensorShape shape)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, Images).SelectMany(_ =>
        {
            double gamma = 0.3 + (4 * random.NextDouble());
            return Enumerable.Range(0, shape.Length).Select(_ => (float)Math.Floor(
                255 * Math.Pow(random.NextDouble(), gamma)) / 255).ToArray();
        })];
    }
}
