using System.Globalization;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using Xunit.Abstractions;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Random graphs against ONNX Runtime, float within 1e-5 of the largest value. QSIM_ONNX_GRAPHS
/// sets how many, QSIM_ONNX_SEED the first seed.
/// </summary>
public class OnnxRuntimeTests(ITestOutputHelper output)
{
    private static readonly int Graphs = Setting("QSIM_ONNX_GRAPHS", 400);
    private static readonly int FirstSeed = Setting("QSIM_ONNX_SEED", 1);

    [Fact]
    public void Import_RandomGraphs_ComputesWhatOnnxRuntimeDoes()
    {
        string[] steps = [.. RandomGraph.StepNames];
        var used = new SortedDictionary<string, int>();
        List<string> wrong = [];
        for (int i = 0; i < Graphs; i++)
        {
            int seed = FirstSeed + i;
            var graph = new RandomGraph(seed, steps[i % steps.Length]);
            foreach (string step in graph.Used) used[step] = used.GetValueOrDefault(step) + 1;
            if (Difference(graph, seed) is { } what) wrong.Add($"seed {seed}: {what}");
        }

        output.WriteLine($"{Graphs} graphs from seed {FirstSeed}: "
            + string.Join(", ", used.Select(u => $"{u.Key} {u.Value}")));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(20)));
    }

    [Fact]
    public void RandomGraphs_UseEveryStep() => Assert.Equal(
        RandomGraph.StepNames.Order(),
        Enumerable.Range(0, 3000).SelectMany(s => new RandomGraph(s).Used).Distinct().Order());

    private static string? Difference(RandomGraph graph, int seed)
    {
        int batch = graph.Batch == 1 ? 1 : 2;
        int[] s = graph.Input;
        TensorShape shape = s.Length switch
        {
            1 => new(s[0]),
            2 => new(s[0], 1, s[1]),
            _ => new(s[0], s[1], s[2]),
        };
        var random = new Random(seed);
        float[] images = [.. Enumerable.Range(0, batch * shape.Length)
            .Select(_ => random.NextSingle())];
        float[] wanted;
        try
        {
            using var ort = new OrtModel(graph.Bytes, optimizes: false);
            wanted = ort.Run(images, [batch, .. s]);
        }
        catch (Microsoft.ML.OnnxRuntime.OnnxRuntimeException e)
        {
            return $"ONNX Runtime refuses: {e.Message.Split('\n')[0]}";
        }

        FloatNetwork network;
        try
        {
            network = OnnxImporter.Import(graph.Bytes, "f.onnx", shape);
        }
        catch (InputException e) when (e.Message.EndsWith(
            "it has no layers", StringComparison.Ordinal))
        {
            // It was made of names alone.
            return null;
        }
        catch (InputException e)
        {
            return $"opset {graph.Opset}: {e.Message}";
        }

        float[] found = [.. Enumerable.Range(0, batch).SelectMany(i => FloatForward.Run(
            network, images.AsSpan(i * shape.Length, shape.Length))[^1])];
        if (found.Length != wanted.Length)
            return $"{found.Length} values where there are {wanted.Length}";
        float scale = Math.Max(1, wanted.Max(Math.Abs));
        int worst = Enumerable.Range(0, found.Length).MaxBy(i => Math.Abs(found[i] - wanted[i]));
        return Math.Abs(found[worst] - wanted[worst]) <= 1e-5 * scale
            ? null
            : $"opset {graph.Opset}, {string.Join(" ", network.Layers.Select(l => l.Kind))}: value "
                + $"{worst} is {found[worst]}, ONNX Runtime has {wanted[worst]}";
    }

    internal static int Setting(string name, int fallback) =>
        int.TryParse(
            Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value)
            ? value
            : fallback;
}
