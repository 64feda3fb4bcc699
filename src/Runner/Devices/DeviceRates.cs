using System.Diagnostics;
using QSim.Kernels.Backends;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;
using QSim.Simulator.Conformance;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Runner.Devices;

/// <summary>How fast a backend runs LeNet-5 on each kind of arithmetic.</summary>
internal static class DeviceRates
{
    private const string Network = "lenet5";
    private const int OnDevice = 16384;
    private const int OnCpu = 512;

    /// <summary>Enough for any machine, should its clock stand.</summary>
    private const int MostRuns = 10_000;

    private static readonly TimeSpan PerRate = TimeSpan.FromSeconds(0.5);

    private static readonly (string Arithmetic, string Profile, ProfileOverride[] Overrides)[]
        Arithmetics =
        [
            ("exact", "int8-wide", []),
            ("wrapping", "int8-acc-wrap", []),
            ("saturating", "int8-acc-sat", []),
            (
                "saturating rarely", "int8-wide",
                [new("mac.accumulator.bits", "20"), new("mac.accumulator.overflow", "SAT")]
            ),
            ("rounded at every step", "hls4ml-default", []),
        ];

    /// <summary>Measures every arithmetic that the backend can run.</summary>
    public static IReadOnlyList<DeviceRate> Measure(
        IBackend backend, CancellationToken cancellation)
    {
        IBackend simd = BackendList.Find("simd")!;
        List<DeviceRate> rates = [];
        foreach ((string arithmetic, string profile, ProfileOverride[] overrides) in Arithmetics)
        {
            cancellation.ThrowIfCancellationRequested();
            QuantizedProgram program = Program(profile, overrides);
            if (backend.WhyNot(program) is not null) continue;
            int images = backend.HasOwnMemory ? OnDevice : OnCpu;
            rates.Add(
                new(
                    Network, arithmetic, profile, Rate(backend, program, images),
                    Rate(simd, program, OnCpu)));
        }

        return rates;
    }

    private static QuantizedProgram Program(string profile, ProfileOverride[] overrides)
    {
        FloatNetwork network = ShippedCases.Fill(NetworkPresets.Create(Network));
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(profile, overrides));
        var choose = new Choices(5);
        float[] images =
            [.. Enumerable.Range(0, 8 * network.Input.Length).Select(_ => choose.Real(0, 1))];
        return Quantizer.Quantize(network, datapath, images);
    }

    /// <summary>Images per second: the best of the runs that fit into the time.</summary>
    private static double Rate(IBackend backend, QuantizedProgram program, int images)
    {
        long[] inputs = ProgramGenerator.Inputs(program, images, 1);
        using IProgramRunner runner = backend.Load(program);
        using ResidentImages kept = backend.Keep(RawImages.Of(inputs, images));
        TimeSpan best = TimeSpan.MaxValue;
        long begin = Stopwatch.GetTimestamp();
        for (int run = 0; run < 2 || (
            run < MostRuns && Stopwatch.GetElapsedTime(begin) < PerRate); run++)
        {
            long start = Stopwatch.GetTimestamp();
            runner.Run(kept, 0, images, RunOptions.Default);
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            if (took < best) best = took;
        }

        return images / best.TotalSeconds;
    }
}
