using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>The results of one run while lanes fill them.</summary>
internal sealed class RunResults
{
    private readonly int _output;
    private readonly RunOptions _options;

    public RunResults(QuantizedProgram program, int images, RunOptions options)
    {
        _output = program.Layers.Length;
        _options = options;
        Tensors = options.Taps.Append(_output).Distinct().ToDictionary(
            t => t, t => new long[(long)images * program.Tensor(t).Shape.Length]);
        Events = options.CollectEvents ? [.. program.Layers.Select(l => new EventCounter(l))] : [];
    }

    /// <summary>Index in the dataset of the batch's first image.</summary>
    public long FirstImage => _options.FirstImage;

    /// <summary>
    /// Raw values of the batch for each tensor that was asked for and for the output.
    /// </summary>
    public IReadOnlyDictionary<int, long[]> Tensors { get; }

    /// <summary>One counter per layer; none when events are not collected.</summary>
    public IReadOnlyList<EventCounter> Events { get; }

    /// <summary>The results once every image is in.</summary>
    public RunResult ToResult() => new(
        Tensors[_output],
        [.. Events.Select(e => e.ToEvents())],
        _options.Taps.Distinct().ToImmutableDictionary(t => t, t => Tensors[t]));
}
