using ILGPU;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>Sizes that a kernel over windows needs. Blittable; the same for every thread.</summary>
internal readonly record struct WindowShape
{
    /// <summary>From a layer's geometry and shapes.</summary>
    /// <param name="window">The window.</param>
    /// <param name="from">Shape of the input.</param>
    /// <param name="to">Shape of the output.</param>
    /// <param name="groups">Groups of channels: for pooling, one per channel.</param>
    public WindowShape(WindowGeometry window, TensorShape from, TensorShape to, int groups)
    {
        FromChannels = from.Channels;
        FromRows = from.Rows;
        FromColumns = from.Columns;
        ToChannels = to.Channels;
        ToRows = to.Rows;
        ToColumns = to.Columns;
        StrideRows = window.StrideRows;
        StrideColumns = window.StrideColumns;
        PadTop = window.PadTop;
        PadLeft = window.PadLeft;
        Groups = groups;
    }

    /// <summary>Channels of the input.</summary>
    public int FromChannels { get; }

    /// <summary>Rows of the input.</summary>
    public int FromRows { get; }

    /// <summary>Columns of the input.</summary>
    public int FromColumns { get; }

    /// <summary>Channels of the output.</summary>
    public int ToChannels { get; }

    /// <summary>Rows of the output.</summary>
    public int ToRows { get; }

    /// <summary>Columns of the output.</summary>
    public int ToColumns { get; }

    /// <summary>Vertical step.</summary>
    public int StrideRows { get; }

    /// <summary>Horizontal step.</summary>
    public int StrideColumns { get; }

    /// <summary>Rows of padding above.</summary>
    public int PadTop { get; }

    /// <summary>Columns of padding to the left.</summary>
    public int PadLeft { get; }

    /// <summary>Groups that channels are split into.</summary>
    public int Groups { get; }

    /// <summary>Positions of the output.</summary>
    public int ToPositions => ToRows * ToColumns;

    /// <summary>Values of one output image.</summary>
    public int ToLength => ToChannels * ToPositions;

    /// <summary>
    /// The place of one thread's window; threads run along positions, then channels, then images.
    /// </summary>
    public WindowPlace Place(int index)
    {
        int element = index % ToLength;
        int image = index / ToLength;
        int position = element % ToPositions;
        int channel = element / ToPositions;
        return new(image, channel, element, Origin(image, FirstRead(channel), position));
    }

    /// <summary>The output of a channel and position, without where its window is.</summary>
    public WindowPlace Element(int image, int channel, int position) =>
        new(image, channel, (channel * ToPositions) + position, default);

    /// <summary>The first channel of the input that a channel of the output reads.</summary>
    public int FirstRead(int channel) =>
        channel / (ToChannels / Groups) * (FromChannels / Groups);

    /// <summary>Where the window of a position begins.</summary>
    /// <param name="image">Index in the batch.</param>
    /// <param name="channel">A channel of the input.</param>
    /// <param name="position">A position of the output.</param>
    public WindowWalk Origin(int image, int channel, int position)
    {
        int row = (position / ToColumns * StrideRows) - PadTop;
        int column = (position % ToColumns * StrideColumns) - PadLeft;
        int plane = (image * FromChannels) + channel;
        return new(row, column, (((plane * FromRows) + row) * FromColumns) + column);
    }

    /// <summary>Whether a walk stands on the image, not on its padding.</summary>
    public bool Holds(WindowWalk walk) =>
        (uint)walk.Row < (uint)FromRows & (uint)walk.Column < (uint)FromColumns;
}

/// <summary>One output element and where its window begins.</summary>
/// <param name="Image">Index in the batch.</param>
/// <param name="Channel">Output channel.</param>
/// <param name="Element">(channel * rows + row) * columns + column.</param>
/// <param name="Origin">The window's first row and column, channel 0 of the group.</param>
internal readonly record struct WindowPlace(int Image, int Channel, int Element, WindowWalk Origin);

/// <summary>A place in the input that moves through a window.</summary>
/// <param name="Row">Negative, or past the last, on padding.</param>
/// <param name="Column">Likewise.</param>
/// <param name="Index">Where that is in the batch's input; meaningless on padding.</param>
internal readonly record struct WindowWalk(int Row, int Column, int Index)
{
    /// <summary>One step further.</summary>
    public WindowWalk Step(Tap tap) =>
        new(Row + tap.Rows, Column + tap.Columns, Index + tap.Distance);

    /// <summary>
    /// The index, or on padding some index inside the tensor, so that loads need no branch.
    /// </summary>
    public int Inside(long length) => IntrinsicMath.Clamp(Index, 0, (int)length - 1);
}
