using System.Runtime.InteropServices;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Tflite;

namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>
/// Float models compute what Google's interpreter does, up to float32's rounding.
/// </summary>
public class LiteRtFloatTests
{
    private const int Images = 4;
    private const int Seeds = 6;

    [SkippableTheory]
    [InlineData("builtin", FloatForm.Float32, 1e-4)]
    [InlineData("xnnpack", FloatForm.Float32, 1e-4)]
    [InlineData("xnnpack", FloatForm.Float16, 1e-4)]

    // The interpreter quantizes what such weights meet, image by image; the importer does not.
    [InlineData("xnnpack", FloatForm.Int8Weights, 0.1)]
    internal void EveryOperator_IsLiteRts(string kernels, FloatForm form, double tolerance)
    {
        LiteRt.Need();
        (string Name, TfliteTestModel Model, byte[] File)[] cases =
        [
            .. from made in TfliteRandom.Operators
                   .Concat(TfliteFunctionsRandom.Operators)
                   .Concat(TfliteFunctionsRandom.SignedOperators)
               where made.Key != "quantize"
               from seed in Enumerable.Range(1, Seeds)
               let model = TfliteRandom.Of(made.Value, seed, false, 1 << (seed % 6), form)
               select ($"{made.Key} {seed}", model.Model, model.Model.Write(model.Output)),
        ];
        float[][] images =
        [
            .. cases.Select((c, i) => Reals(new(i), Images * c.Model.Input.Length)),
        ];
        IReadOnlyList<(byte[]? Bytes, string Error)> theirs = LiteRt.Run(
            kernels,
            [.. cases.Zip(images, (c, i) => (c.File, MemoryMarshal.AsBytes<float>(i).ToArray()))]);

        var different = new List<string>();
        for (int i = 0; i < cases.Length; i++)
        {
            (string name, TfliteTestModel model, byte[] file) = cases[i];
            Assert.True(theirs[i].Bytes is not null, $"{name}: {theirs[i].Error}");
            FloatNetwork network = TfliteImporter.Import(file, "f.tflite", null);
            float[] wanted = MemoryMarshal.Cast<byte, float>(theirs[i].Bytes).ToArray();
            float[] found =
            [
                .. images[i].Chunk(model.Input.Length)
                    .SelectMany(image => ChannelOrder.Last(
                        FloatForward.Run(
                            network, ChannelOrder.First(image, network.Input.Channels))[^1],
                        network.Shape(network.Layers.Length).Channels)),
            ];
            Assert.Equal(wanted.Length, found.Length);
            Assert.All(wanted.Concat(found), v => Assert.True(float.IsFinite(v), name));
            double largest = wanted.Max(Math.Abs);
            double off = wanted.Zip(found, (w, f) => (double)Math.Abs(w - f)).Max();
            if (off > tolerance * largest) different.Add($"{name}: {off} of {largest}");
        }

        Assert.True(different.Count == 0, string.Join('\n', different));
    }

    private static float[] Reals(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => 4 * random.NextSingle())];
}
