using System.Diagnostics;
using QSim.Certificates.Bounds;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Simulator;
using Xunit.Abstractions;

namespace QSim.Certificates.Tests;

/// <summary>What was proved and what was broken by others, on the same integers.</summary>
public class PublishedBenchmarkTests(ITestOutputHelper output)
{
    private const string Missing = "QSIM_QNN_BENCHMARK names no file of that network";

    [SkippableFact]
    public void Lines_ProveManyAndNoneThatIsVulnerable()
    {
        PublishedBenchmark? published = PublishedBenchmark.Find();
        Skip.If(published is null, Missing);
        int[] samples = Right(published);
        Assert.Equal(391, samples.Length);
        var certifier = new LinearCertifier(new ProgramBounds(published.Program));
        var intervals = new IntervalCertifier(new ProgramBounds(published.Program));
        certifier.Certify(published.Box(0), published.Labels[0]);
        var clock = Stopwatch.StartNew();
        var proved = new bool[400];
        Parallel.ForEach(samples, s =>
            proved[s] = certifier.Certify(published.Box(s), published.Labels[s]).IsProved);
        double seconds = clock.Elapsed.TotalSeconds;
        int simple = samples.Count(
            s => intervals.Certify(published.Box(s), published.Labels[s]).IsProved);
        output.WriteLine(
            $"{proved.Count(p => p)} of {samples.Length} proved, "
                + $"{samples.Length / seconds:F0} images/s; by intervals {simple}");
        output.WriteLine("left: " + string.Join(' ', samples.Where(s => !proved[s])));
        Assert.DoesNotContain(PublishedBenchmark.Vulnerable, s => proved[s]);
        Assert.True(proved.Count(p => p) > 313);
    }

    /// <summary>Samples that are classified right.</summary>
    private static int[] Right(PublishedBenchmark published)
    {
        using IProgramRunner runner = new ReferenceBackend().Load(published.Program);
        return [.. Enumerable.Range(0, 400).Where(s =>
        {
            long[] image = Array.ConvertAll(
                published.Images[(s * 784)..((s + 1) * 784)], v => (long)v);
            return Simulation.ArgMax(runner.Run(image, 1, RunOptions.Default).Outputs)
                == published.Labels[s];
        })];
    }
}
