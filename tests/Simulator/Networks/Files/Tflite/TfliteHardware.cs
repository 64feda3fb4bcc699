using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Tflite;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>Models of TensorFlow Lite on a profile, and what they have to come to.</summary>
internal static class TfliteHardware
{
    /// <summary>A network on a profile; nothing is calibrated.</summary>
    /// <param name="network">The network.</param>
    /// <param name="profile">The profile's name, and keys that are set on top.</param>
    public static QuantizedProgram Program(
        FloatNetwork network, string profile = "tflite-int8")
    {
        string[] parts = profile.Split(' ');
        return Quantizer.Quantize(
            network,
            DatapathCompiler.Compile(ProfileReader.Read(
                parts[0],
                from part in parts.Skip(1)
                let pair = part.Split('=')
                select new ProfileOverride(pair[0], pair[1]))),
            new float[network.Input.Length]);
    }

    /// <summary>The outputs of one image.</summary>
    public static long[] Run(QuantizedProgram program, long[] raw, string backend = "simd")
    {
        using var simulation = new Simulation(program, BackendList.Find(backend)!);
        return simulation.Runner.Run(raw, 1, RunOptions.Default).Outputs;
    }

    /// <summary>
    /// Asserts that a model's outputs are those of TensorFlow Lite's arithmetic, image by image.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="logits">What it has to come to.</param>
    /// <param name="output">The output that is written to the file.</param>
    /// <param name="images">Raw images.</param>
    /// <param name="backend">Where it runs.</param>
    /// <returns>The outputs that were seen.</returns>
    public static IReadOnlySet<long> Equal(
        TfliteTestModel model, TestTensor logits, TestTensor output, IEnumerable<int[]> images,
        string backend = "simd")
    {
        QuantizedProgram program = Program(
            TfliteImporter.Import(model.Write(output), "f.tflite", null));
        var seen = new HashSet<long>();
        foreach (int[] image in images)
        {
            long[] found = Run(
                program, [.. ChannelOrder.First(image, model.Input.Channels).Select(v => (long)v)],
                backend);
            Assert.Equal(model.Run(image, logits).Select(v => (long)v), found);
            seen.UnionWith(found);
        }

        return seen;
    }
}
