using System.Diagnostics;
using System.Text.Json;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Methods;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Bench;

/// <summary>
/// PGD-40 as a whole, random start to verdict, on every image for all steps (threat model transfer:
/// broken images do not leave), in images per second: each gradient engine here against PyTorch in
/// the same run.
/// </summary>
internal static class AttackRate
{
    private const int Steps = 40;
    private const double EpsilonValue = 0.1;
    private static readonly string[] Networks = ["mlp", "lenet5"];

    /// <summary>Prints a table for every batch size.</summary>
    public static void Run(double seconds, int threads, IEnumerable<int> batches)
    {
        Console.WriteLine(
            $"PGD-{Steps}, linf {EpsilonValue}, {threads} threads, images/s, best of {seconds} s "
                + "each");
        foreach (int batch in batches)
        {
            JsonElement? torch = PyTorch(batch, seconds, threads);
            Console.WriteLine();
            Console.WriteLine(
                $"Batch {batch}. PyTorch: "
                    + $"{torch?.GetProperty("version").GetString() ?? "not here"} "
                    + $"({torch?.GetProperty("build").GetString()})");
            Console.WriteLine();
            Console.WriteLine("| network | engine | images/s | x PyTorch |");
            Console.WriteLine("|---|---|--:|--:|");
            foreach (string network in Networks)
            {
                double? reference = torch?.GetProperty("rates").GetProperty(network).GetDouble();
                if (reference is not null)
                    Console.WriteLine($"| {network} | PyTorch | {reference:F0} | 1.00 |");
                foreach (IGradientEngine engine in GradientEngineList.All.Where(e =>
                    e.WhyUnavailable is null))
                {
                    double rate = Measure(engine, network, batch, seconds, threads);
                    Console.WriteLine(
                        $"| {network} | {engine.Name} | {rate:F0} | {rate / reference:F2} |");
                }
            }
        }
    }

    /// <summary>A preset with random weights.</summary>
    public static FloatNetwork Create(string name)
    {
        FloatNetwork network = NetworkPresets.Create(name);
        var random = new Random(1);
        foreach (float[] parameter in network.Layers.SelectMany(l => l.Parameters))
            for (int i = 0; i < parameter.Length; i++)
                parameter[i] = (random.NextSingle() - 0.5f) / 8;
        return network;
    }

    /// <summary>Random images.</summary>
    public static LabelledImages Images(FloatNetwork network, int count)
    {
        var random = new Random(2);
        float[] pixels =
            [.. Enumerable.Range(0, count * network.Input.Length).Select(_ => random.NextSingle())];
        return new(
            network.Input, pixels,
            [.. Enumerable.Range(0, count).Select(i => i % network.Classes)]);
    }

    private static double Measure(
        IGradientEngine engine, string name, int batch, double seconds, int threads)
    {
        FloatNetwork network = Create(name);
        using ITrainableModel model = engine.Create(network, threads);
        var source = new FloatClassifier(model);
        LabelledImages images = Images(network, batch);

        // Labels as the network has them, so that no image is skipped.
        images = images with
        {
            Labels = Evaluation.Evaluation.Classify(source, images),
        };
        AttackTarget target = AttackTarget.Transfer(source, source);
        double best = double.PositiveInfinity;
        long begin = Stopwatch.GetTimestamp();
        for (int run = 0; run < 3 || Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds; run++)
        {
            long start = Stopwatch.GetTimestamp();
            Evaluation.Evaluation.Run(
                ProjectedGradient.Pgd(Steps), target, images, new(Norm.Linf, new(EpsilonValue)),
                new() { BatchSize = batch });
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return batch / best;
    }

    /// <summary>What PyTorch does; null where there is none.</summary>
    private static JsonElement? PyTorch(int batch, double seconds, int threads)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "pytorch_pgd.py");
        string task = JsonSerializer.Serialize(
            new
            {
                networks = Networks.ToDictionary(
                    n => n, n => NetworkPresets.Create(n).Layers.Select(Describe)),
                shape = new[] { 1, 28, 28 },
                batch,
                steps = Steps,
                epsilon = EpsilonValue,
                seconds,
                threads,
            });
        foreach (string python in new[] { "/usr/bin/python3", "python3" })
        {
            try
            {
                using Process process = Process.Start(
                    new ProcessStartInfo(python, [script])
                    {
                        RedirectStandardInput = true,
                        RedirectStandardOutput = true,
                        RedirectStandardError = true,
                    })!;
                process.StandardInput.Write(task);
                process.StandardInput.Close();
                string output = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                if (process.ExitCode == 0)
                    return JsonDocument.Parse(output).RootElement;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // No such Python.
            }
        }

        return null;
    }

    private static object Describe(FloatLayer layer) =>
        layer switch
        {
            Conv2dLayer conv => new
            {
                kind = "conv2d",
                shape = new[]
                {
                    conv.OutputChannels,
                    conv.Weight.Length
                        / conv.OutputChannels
                        / conv.Geometry.KernelRows
                        / conv.Geometry.KernelColumns,
                    conv.Geometry.KernelRows,
                    conv.Geometry.KernelColumns,
                },
                padding = conv.Geometry.PadTop,
            },
            DenseLayer dense => new
            {
                kind = "dense",
                shape = new[] { dense.OutputFeatures, dense.Weight.Length / dense.OutputFeatures },
            },
            MaxPool2dLayer pool => new { kind = "max_pool2d", kernel = pool.Geometry.KernelRows },
            _ => new { kind = layer.Kind },
        };
}
