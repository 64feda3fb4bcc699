using QSim.Kernels.Backends.Memory;

namespace QSim.Kernels.Backends.Simd;

/// <summary>
/// What one thread needs to run a block of images: its tensors, scratch and event counters.
/// </summary>
internal sealed unsafe class Workspace
{
    private readonly TensorLayout[] _layouts;
    private readonly AlignedMemory[] _tensors;
    private readonly AlignedMemory _scratch;

    /// <param name="layouts">How each tensor lies.</param>
    /// <param name="images">The most images of a block.</param>
    /// <param name="scratch">Bytes of scratch.</param>
    /// <param name="counters">One per layer.</param>
    public Workspace(
        TensorLayout[] layouts, int images, long scratch, EventCounter[] counters)
    {
        _layouts = layouts;
        _tensors =
        [
            .. layouts.Select(l => new AlignedMemory(
                l.ElementBytes * (((long)l.Length * images) + l.Slack))),
        ];
        _scratch = new AlignedMemory(scratch);
        Counters = counters;
    }

    /// <summary>One per layer.</summary>
    public EventCounter[] Counters { get; set; }

    /// <summary>Scratch for one step: so many bytes.</summary>
    /// <exception cref="InvalidOperationException">There are fewer.</exception>
    public byte* Scratch(long bytes) => _scratch.At<byte>(0, bytes);

    /// <summary>
    /// The first value of a tensor in its layout, behind which so many images lie, and the slack
    /// that whole vectors need.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is less.</exception>
    public void* Tensor(int index, int images)
    {
        TensorLayout layout = _layouts[index];
        return _tensors[index].At<byte>(
            0, layout.ElementBytes * (((long)layout.Length * images) + layout.Slack));
    }

    /// <summary>The same, as values of the width that they are stored in.</summary>
    /// <exception cref="InvalidOperationException">They are stored in another.</exception>
    public T* Tensor<T>(int index, int images)
        where T : unmanaged
    {
        Door.Needs(sizeof(T) == _layouts[index].ElementBytes);
        return (T*)Tensor(index, images);
    }
}

/// <summary>The images that one thread works on at a time.</summary>
/// <param name="Images">How many.</param>
/// <param name="FirstImage">Index of the first in its dataset.</param>
/// <param name="CollectEvents">Whether to count events.</param>
internal readonly record struct ImageBlock(int Images, long FirstImage, bool CollectEvents);
