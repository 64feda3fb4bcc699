namespace QSim.Kernels.Backends.Simd;

/// <summary>
/// What one thread needs to run a block of images: its tensors, scratch and event counters.
/// </summary>
internal sealed unsafe class Workspace
{
    private readonly AlignedMemory[] _tensors;
    private readonly AlignedMemory _scratch;

    public Workspace(SimdProgram program)
    {
        _tensors =
        [
            .. program.Layouts.Select(l => new AlignedMemory(
                l.ElementBytes * (((long)l.Length * program.BlockImages) + l.Slack))),
        ];
        _scratch = new AlignedMemory(program.Steps.Max(s => s.ScratchBytes));
        Counters = program.NewCounters();
    }

    /// <summary>One per layer.</summary>
    public EventCounter[] Counters { get; set; }

    /// <summary>Scratch for one step.</summary>
    public byte* Scratch => _scratch.Start;

    /// <summary>The first value of a tensor, in its layout.</summary>
    public void* Tensor(int index) => _tensors[index].Start;
}

/// <summary>The images that one thread works on at a time.</summary>
/// <param name="Images">How many.</param>
/// <param name="FirstImage">Index of the first in its dataset.</param>
/// <param name="CollectEvents">Whether to count events.</param>
internal readonly record struct ImageBlock(int Images, long FirstImage, bool CollectEvents);
