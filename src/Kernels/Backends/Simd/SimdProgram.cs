using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd;

/// <summary>A program prepared once: every tensor's layout and every layer's step.</summary>
internal sealed class SimdProgram
{
    private const int MostBlockImages = 16;
    private const int BlockBytes = 1 << 18;

    public SimdProgram(QuantizedProgram source, string? row = null)
    {
        Source = source;
        Layouts =
        [
            .. Enumerable
                .Range(0, source.Layers.Length + 1)
                .Select(t => TensorLayout.Of(source.Tensor(t))),
        ];
        int largest = Layouts.Max(l => l.Length * l.ElementBytes);
        BlockImages = Math.Clamp(BlockBytes / largest, 1, MostBlockImages);
        NamedStep[] steps =
        [
            .. KnownRanges.Apply(source).Select(
                (layer, index) => StepPlan.Prepare(layer, Place(layer, index), row)),
        ];
        Steps = [.. steps.Select(s => s.Step)];
        StepNames = [.. steps.Select(s => s.Name)];
    }

    public QuantizedProgram Source { get; }

    public TensorLayout[] Layouts { get; }

    public Step[] Steps { get; }

    /// <summary>What runs each layer.</summary>
    public string[] StepNames { get; }

    /// <summary>
    /// Images that one thread works on at a time: few enough to stay in its cache.
    /// </summary>
    public int BlockImages { get; }

    /// <summary>A workspace for one thread.</summary>
    public Workspace NewWorkspace() =>
        new(Layouts, BlockImages, Steps.Max(s => s.ScratchBytes), NewCounters());

    public EventCounter[] NewCounters() => [.. Source.Layers.Select(l => new EventCounter(l))];

    private StepPlace Place(ProgramLayer layer, int index) =>
        new(
            Source.Seed, index, [.. layer.Inputs.Select(t => Layouts[t])], Layouts[index + 1],
            BlockImages);
}
