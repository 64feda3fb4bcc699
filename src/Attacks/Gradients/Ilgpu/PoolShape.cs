using QSim.Kernels.Datapath;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>Sizes of a pooling layer. Blittable; the same for every thread.</summary>
internal readonly record struct PoolShape
{
    /// <summary>From a layer's geometry and shapes.</summary>
    public PoolShape(WindowGeometry window, TensorShape from, TensorShape to)
    {
        (FromRows, FromColumns) = (from.Rows, from.Columns);
        (ToRows, ToColumns) = (to.Rows, to.Columns);
        (Rows, Columns) = (window.KernelRows, window.KernelColumns);
        (StrideRows, StrideColumns) = (window.StrideRows, window.StrideColumns);
        (DilationRows, DilationColumns) = (window.DilationRows, window.DilationColumns);
        (PadTop, PadLeft) = (window.PadTop, window.PadLeft);
    }

    /// <summary>Rows of the input.</summary>
    public int FromRows { get; init; }

    /// <summary>Columns of the input.</summary>
    public int FromColumns { get; init; }

    /// <summary>Rows of the output.</summary>
    public int ToRows { get; init; }

    /// <summary>Columns of the output.</summary>
    public int ToColumns { get; init; }

    /// <summary>Rows of the window.</summary>
    public int Rows { get; init; }

    /// <summary>Columns of the window.</summary>
    public int Columns { get; init; }

    /// <summary>Vertical step.</summary>
    public int StrideRows { get; init; }

    /// <summary>Horizontal step.</summary>
    public int StrideColumns { get; init; }

    /// <summary>Vertical distance between places of the window.</summary>
    public int DilationRows { get; init; }

    /// <summary>Horizontal distance between places of the window.</summary>
    public int DilationColumns { get; init; }

    /// <summary>Rows of padding above.</summary>
    public int PadTop { get; init; }

    /// <summary>Columns of padding to the left.</summary>
    public int PadLeft { get; init; }

    /// <summary>Whether every window is two by two values of the image, as most are.</summary>
    public bool IsQuads => Rows == 2 && Columns == 2 && DilationRows == 1 && DilationColumns == 1
        && PadTop == 0 && PadLeft == 0
        && ((ToRows - 1) * StrideRows) + 2 <= FromRows
        && ((ToColumns - 1) * StrideColumns) + 2 <= FromColumns;

    /// <summary>Where the first value of such a window lies.</summary>
    /// <param name="plane">Where the plane begins, at the lane.</param>
    /// <param name="output">Which window.</param>
    public long FirstOf(int plane, int output) =>
        plane + ((Top(output) * FromColumns) + Left(output)) * (long)ImageBlocks.Lanes;

    /// <summary>The input row that an output's window begins at; negative on padding.</summary>
    public int Top(int output) => (output / ToColumns * StrideRows) - PadTop;

    /// <summary>The input column that an output's window begins at.</summary>
    public int Left(int output) => (output % ToColumns * StrideColumns) - PadLeft;

    /// <summary>
    /// The input at a row and column, counted from its plane's first; -1 on padding.
    /// </summary>
    public int At(int row, int column)
    {
        bool isInside = row >= 0 && row < FromRows && column >= 0 && column < FromColumns;
        return isInside ? (row * FromColumns) + column : -1;
    }

    /// <summary>
    /// The output whose window has an input at some place; -1 where there is none.
    /// </summary>
    public int Over(int input, int row, int column)
    {
        int r = (input / FromColumns) + PadTop - (row * DilationRows);
        int c = (input % FromColumns) + PadLeft - (column * DilationColumns);
        bool isInside = r >= 0 && c >= 0 && r % StrideRows == 0 && c % StrideColumns == 0
            && r / StrideRows < ToRows && c / StrideColumns < ToColumns;
        return isInside ? (r / StrideRows * ToColumns) + (c / StrideColumns) : -1;
    }
}

/// <summary>All that a pooling kernel is compiled for.</summary>
/// <param name="Shape">Sizes.</param>
/// <param name="Ending">What becomes of gradients.</param>
internal readonly record struct PoolTask(PoolShape Shape, Ending Ending);
