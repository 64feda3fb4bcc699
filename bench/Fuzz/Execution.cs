using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Kernels.Backends;
using QSim.Runner.Data;
using QSim.Runner.Studies;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Quantization;

namespace QSim.Fuzz;

/// <summary>One image through everything that touches memory.</summary>
internal static class Execution
{
    private const int MostProfiles = 2;

    /// <summary>Work beyond which a mutant is not run: it would be slow, not wrong.</summary>
    private const long MostWork = 1 << 22;

    /// <summary>A kernel on ILGPU's debugger takes as long as hundreds of mutants.</summary>
    private const int EveryIlgpu = 200;

    private static readonly IBackend[] Backends = Find("reference", "simd"),
        WithIlgpu = Find("reference", "simd", "ilgpu-cpu");

    /// <summary>Whether a mutant that can be read runs on ILGPU's debugger, too.</summary>
    public static bool UsesIlgpu(int mutant) => mutant % EveryIlgpu == EveryIlgpu - 1;

    /// <summary>Reads what settings name; calibrates, quantizes, runs, differentiates.</summary>
    public static Outcome Run(StudySettings settings, DataFolders folders, int mutant)
    {
        var inputs = StudyInputs.Read(settings, folders, "reference", "managed");
        return Work(inputs.Network) > MostWork
            ? Outcome.Large
            : Run(inputs, inputs.Data.Test.Images(0, 1).ToArray(), mutant);
    }

    /// <summary>Calibrates, quantizes, runs an image, differentiates.</summary>
    public static Outcome Run(StudyInputs inputs, float[] image, int mutant)
    {
        int length = inputs.Network.Input.Length;
        var calibration = CalibrationSet.Collect(
            inputs.Network, inputs.Data.Train.Pixels.AsMemory(0, length));
        Differentiate(inputs.Network, image);
        foreach (StudyProfile profile in inputs.Profiles.Take(MostProfiles))
        {
            try
            {
                var program = Quantizer.Quantize(inputs.Network, profile.Datapath, calibration, 1);
                IBackend[] backends = UsesIlgpu(mutant) ? WithIlgpu : Backends;
                Compare(
                    [.. backends.Where(b => b.WhyNot(program) is null)
                        .Select(b => new Simulation(program, b))],
                    image);
            }
            catch (QuantizationException e) when (e.Message.Length <= Brief.Most)
            {
                return Outcome.Read;
            }
        }

        return Outcome.Executed;
    }

    private static IBackend[] Find(params string[] names) =>
        [.. names.Select(n => BackendList.Find(n)!).Where(b => b.WhyUnavailable is null)];

    private static void Compare(Simulation[] simulations, float[] image)
    {
        foreach (RunOptions options in (RunOptions[])[RunOptions.Default, RunOptions.WithEvents])
        {
            RunResult[] results = [.. simulations.Select(
                s => s.Run(image, options with { Threads = 1 }))];
            if (results.Any(r => !r.Outputs.SequenceEqual(results[0].Outputs)))
                throw new InvalidOperationException("backends differ");
        }

        foreach (Simulation simulation in simulations) simulation.Dispose();
    }

    private static void Differentiate(FloatNetwork network, float[] image)
    {
        using var model = new ManagedGradientModel(network, threads: 1);
        var gradients = new float[image.Length];
        model.Gradients(
            image, [0], new CrossEntropyLoss(), gradients, new float[1],
            new float[network.Classes]);
        model.ParameterGradients(
            image, [0], new CrossEntropyLoss(), new float[model.ParameterCount], new float[1],
            new float[network.Classes]);
    }

    /// <summary>About how many steps one image takes.</summary>
    private static long Work(FloatNetwork network)
    {
        long work = 0;
        for (int i = 0; i < network.Layers.Length; i++)
        {
            long outputs = network.Shape(i + 1).Length;
            work += network.Layers[i] switch
            {
                Conv2dLayer c => outputs * (c.Weight.Length / c.OutputChannels),
                DenseLayer d => d.Weight.Length,
                MaxPool2dLayer p => Taps(p.Geometry, outputs),
                AveragePool2dLayer p => Taps(p.Geometry, outputs),
                _ => outputs,
            };
        }

        return work;
    }

    private static long Taps(QSim.Kernels.Datapath.WindowGeometry window, long outputs) =>
        Math.Min(1L << 40, outputs * window.KernelRows) * Math.Min(window.KernelColumns, 1 << 20);
}
