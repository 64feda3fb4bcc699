using QSim.Attacks.Gradients;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Attacks.Evaluation;

/// <summary>
/// What a question to hardware needs besides the answer: raw inputs, raw logits, and the
/// activations that a gradient engine reads, dequantized as it does so.
/// </summary>
internal sealed class HardwareMemory : IActivations
{
    private readonly RawValues?[] _bySource;

    /// <summary>For a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="gradients">The engine that asks; null where none does.</param>
    /// <param name="threads">Most threads of a run; 0 lets the backend choose.</param>
    public HardwareMemory(QuantizedProgram program, IGradientModel? gradients, int threads)
    {
        int[] sources = gradients is null ? [] : [.. program.Sources.Skip(1)];
        Tensors = gradients?.Reads([.. sources.Where(s => s >= 0)]) ?? [];
        int[] taps = [.. Tensors.Select(t => Array.IndexOf(sources, t) + 1)];
        Buffers = new(program, taps) { Threads = threads };
        _bySource = new RawValues?[sources.Append(0).Max() + 1];
        for (int i = 0; i < taps.Length; i++) _bySource[Tensors[i]] = Buffers[taps[i]];
    }

    /// <summary>Where the hardware reads and writes.</summary>
    public RunBuffers Buffers { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> Tensors { get; }

    /// <inheritdoc/>
    public int Count(int tensor) => _bySource[tensor]!.Count;

    /// <inheritdoc/>
    public void Read(int tensor, int first, Span<float> values) =>
        Dequantization.Read(_bySource[tensor]!, first, values);
}
