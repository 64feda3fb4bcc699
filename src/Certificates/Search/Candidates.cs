using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator;

namespace QSim.Certificates.Search;

/// <summary>
/// Runs inputs on the program itself, to see whether they break a label; and on one like it that
/// gives the accumulators of its last layer, which say more than logits of few bits.
/// </summary>
internal sealed class Candidates : IDisposable
{
    private readonly QuantizedProgram _program;
    private readonly IProgramRunner _runner;
    private readonly IProgramRunner _fine;

    /// <summary>Loads both on a backend.</summary>
    public Candidates(QuantizedProgram program, IBackend backend)
    {
        _program = program;
        _runner = backend.Load(program);
        QuantizedProgram fine = Fine(program) is { } wide && backend.WhyNot(wide) is null
            ? wide
            : program;
        _fine = ReferenceEquals(fine, program) ? _runner : backend.Load(fine);
    }

    /// <summary>The first input that has another class than the label; null for none.</summary>
    /// <param name="inputs">Raw inputs, one after the other.</param>
    /// <param name="label">The label.</param>
    public long[]? Breaking(long[] inputs, int label)
    {
        int length = _program.Input.Type.Shape.Length, classes = _program.Output.Shape.Length;
        int count = inputs.Length / length;
        long[] logits = _runner.Run(inputs, count, RunOptions.Default with { Threads = 1 }).Outputs;
        for (int i = 0; i < count; i++)
            if (Simulation.ArgMax(logits.AsSpan(i * classes, classes)) != label)
                return inputs[(i * length)..((i + 1) * length)];
        return null;
    }

    /// <summary>
    /// By how much a rival exceeds the label, before anything is rounded or clipped.
    /// </summary>
    /// <param name="inputs">Raw inputs, one after the other.</param>
    /// <param name="label">The label.</param>
    /// <param name="rival">The rival.</param>
    public long[] Margins(long[] inputs, int label, int rival)
    {
        int classes = _program.Output.Shape.Length;
        int count = inputs.Length / _program.Input.Type.Shape.Length;
        long[] values = _fine.Run(inputs, count, RunOptions.Default with { Threads = 1 }).Outputs;
        return [.. Enumerable.Range(0, count).Select(
            i => values[(i * classes) + rival] - values[(i * classes) + label])];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!ReferenceEquals(_fine, _runner)) _fine.Dispose();
        _runner.Dispose();
    }

    private static QuantizedProgram? Fine(QuantizedProgram program)
    {
        if (program.Layers[^1] is not MacLayer { Mac.Update.Bits: <= 32 } last) return null;
        var requantization = new Requantization
        {
            Kind = RequantizationKind.Shift,
            Output = ConversionSpec.Into(
                new(32, 0, true), 0, RoundingMode.TowardNegative, OverflowMode.Saturate),
            ClampMin = long.MinValue,
            ClampMax = long.MaxValue,
        };
        return program with
        {
            Layers = program.Layers.SetItem(
                program.Layers.Length - 1,
                last with
                {
                    Output = last.Output with { Bits = 32, IsSigned = true, ZeroPoint = 0 },
                    Requantization = [.. last.Requantization.Select(_ => requantization)],
                }),
        };
    }
}
