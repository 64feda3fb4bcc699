using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>One layer that runs. Concrete layers are the records beside this one.</summary>
/// <param name="Name">Unique in its program; the float network's name for the layer.</param>
/// <param name="Inputs">
/// Tensors it reads: 0 is the program's input, i + 1 the output of layer i.
/// </param>
/// <param name="Output">Type of what it writes.</param>
public abstract record ProgramLayer(string Name, ImmutableArray<int> Inputs, TensorType Output);

/// <summary>
/// Geometry of a convolution or pooling window; a dense layer is a 1x1 kernel on a 1x1 image.
/// </summary>
/// <param name="KernelRows">Window height.</param>
/// <param name="KernelColumns">Window width.</param>
/// <param name="StrideRows">Vertical step.</param>
/// <param name="StrideColumns">Horizontal step.</param>
/// <param name="PadTop">Rows of padding above.</param>
/// <param name="PadLeft">Columns of padding to the left.</param>
/// <param name="PadBottom">Rows of padding below.</param>
/// <param name="PadRight">Columns of padding to the right.</param>
/// <param name="DilationRows">Vertical distance between taps.</param>
/// <param name="DilationColumns">Horizontal distance between taps.</param>
/// <param name="Groups">Groups that channels are split into; channels for depthwise.</param>
public sealed record WindowGeometry(
    int KernelRows = 1,
    int KernelColumns = 1,
    int StrideRows = 1,
    int StrideColumns = 1,
    int PadTop = 0,
    int PadLeft = 0,
    int PadBottom = 0,
    int PadRight = 0,
    int DilationRows = 1,
    int DilationColumns = 1,
    int Groups = 1)
{
    /// <summary>
    /// Height of the output for an input of the given height; less than 1 when the window does not
    /// fit.
    /// </summary>
    public int OutputRows(int rows) =>
        Extent(rows + PadTop + PadBottom, KernelRows, StrideRows, DilationRows);

    /// <summary>
    /// Width of the output for an input of the given width; less than 1 when the window does not
    /// fit.
    /// </summary>
    public int OutputColumns(int columns) =>
        Extent(columns + PadLeft + PadRight, KernelColumns, StrideColumns, DilationColumns);

    /// <summary>The input row that a kernel row meets; outside 0..rows - 1 it is padding.</summary>
    public int InputRow(int outputRow, int kernelRow) =>
        (outputRow * StrideRows) - PadTop + (kernelRow * DilationRows);

    /// <summary>
    /// The input column that a kernel column meets; outside 0..columns - 1 it is padding.
    /// </summary>
    public int InputColumn(int outputColumn, int kernelColumn) =>
        (outputColumn * StrideColumns) - PadLeft + (kernelColumn * DilationColumns);

    private static int Extent(int padded, int kernel, int stride, int dilation)
    {
        int span = padded - (dilation * (kernel - 1)) - 1;
        return span < 0 ? 0 : (span / stride) + 1;
    }
}

/// <summary>Convolution or dense layer: multiply, accumulate, requantize, clamp.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output.</param>
/// <param name="Input">Type of the tensor read.</param>
/// <param name="Geometry">The window.</param>
/// <param name="Weights">
/// Raw weights, [output channel][input channel / groups][kernel row][kernel column].
/// </param>
/// <param name="WeightBits">Width of a raw weight, 1..32.</param>
/// <param name="WeightsSigned">Whether weights may be negative.</param>
/// <param name="Bias">
/// Raw bias per output channel, in the accumulator format, zero point folded in where it is.
/// </param>
/// <param name="Mac">The multiply-accumulate unit.</param>
/// <param name="Requantization">One per output channel.</param>
public sealed record MacLayer(
    string Name,
    ImmutableArray<int> Inputs,
    TensorType Output,
    TensorType Input,
    WindowGeometry Geometry,
    ImmutableArray<int> Weights,
    int WeightBits,
    bool WeightsSigned,
    ImmutableArray<long> Bias,
    MacSpec Mac,
    ImmutableArray<Requantization> Requantization) : ProgramLayer(Name, Inputs, Output)
{
    /// <summary>Products per output: channels / groups * kernel rows * kernel columns.</summary>
    public int Depth =>
        Input.Shape.Channels / Geometry.Groups * Geometry.KernelRows * Geometry.KernelColumns;
}

/// <summary>Maximum over a window; input and output types agree but for the shape.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output.</param>
/// <param name="Input">Type of the tensor read.</param>
/// <param name="Geometry">The window; padding never wins.</param>
public sealed record MaxPoolLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, TensorType Input,
    WindowGeometry Geometry) : ProgramLayer(Name, Inputs, Output);

/// <summary>
/// Average over a window: the exact sum of raw values divided by their number, rounded as the layer
/// says, then fitted. Padding is left out of both.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output.</param>
/// <param name="Input">Type of the tensor read.</param>
/// <param name="Geometry">The window.</param>
/// <param name="Rounding">Rounding of the quotient.</param>
public sealed record AveragePoolLayer(
    string Name,
    ImmutableArray<int> Inputs,
    TensorType Output,
    TensorType Input,
    WindowGeometry Geometry,
    RoundingMode Rounding) : ProgramLayer(Name, Inputs, Output);

/// <summary>A clamp in raw values: a ReLU that stands alone.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output; as the input's.</param>
/// <param name="Min">Lowest raw value that passes (a ReLU's is the zero point).</param>
/// <param name="Max">Highest raw value that passes.</param>
public sealed record ClampLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, long Min, long Max)
    : ProgramLayer(Name, Inputs, Output);

/// <summary>The same values under another shape of the same length.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output.</param>
public sealed record ReshapeLayer(string Name, ImmutableArray<int> Inputs, TensorType Output)
    : ProgramLayer(Name, Inputs, Output);
