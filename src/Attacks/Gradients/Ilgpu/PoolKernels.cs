using ILGPU;
using ILGPU.Runtime;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// Pooling over windows clipped to the image. Planes, one per channel, lie one behind another; a
/// thread is (plane, position, lane).
/// </summary>
internal static class PoolKernels
{
    private const int Lanes = ImageBlocks.Lanes;

    /// <summary>The largest of each window; 0 where a window has nothing.</summary>
    public static void Max(
        Index1D index, ArrayView<float> from, ArrayView<float> to, PoolShape shape)
    {
        int plane = Plane(index, shape), output = Output(index, shape);
        if (shape.IsQuads)
        {
            to[index] = Quad.Of(from, shape.FirstOf(plane, output), shape).Largest;
            return;
        }

        int winner = Winner(from, plane, output, shape);
        to[index] = winner < 0 ? 0 : from[plane + (winner * Lanes)];
    }

    /// <summary>
    /// The gradient of <see cref="Max"/> where no two windows share an input: a thread is a window
    /// and fills all of it.
    /// </summary>
    public static void SpreadMax(
        Index1D index, ArrayView<float> from, ArrayView<float> gradient, Target target,
        PoolShape shape, Ending ending)
    {
        int plane = Plane(index, shape), output = Output(index, shape);
        float mine = gradient[index];
        if (shape.IsQuads)
        {
            long first = shape.FirstOf(plane, output);
            Quad.Of(from, first, shape).Spread(mine, target, first, shape, ending);
            return;
        }

        int winner = Winner(from, plane, output, shape);
        int row = shape.Top(output), left = shape.Left(output);
        for (int i = 0; i < shape.Rows; i++)
        {
            int column = left;
            for (int j = 0; j < shape.Columns; j++)
            {
                int at = shape.At(row, column);
                if (at >= 0)
                    target.Store(plane + (at * Lanes), at == winner ? mine : 0, ending);
                column += shape.DilationColumns;
            }

            row += shape.DilationRows;
        }
    }

    /// <summary>
    /// The same of windows that are <see cref="PoolShape.IsQuads"/>, for their gradient to know.
    /// </summary>
    /// <param name="index">Of the output.</param>
    /// <param name="from">The input.</param>
    /// <param name="to">Filled.</param>
    /// <param name="winners">Filled: <see cref="Quad.Code"/>.</param>
    /// <param name="task">What the kernel is compiled for.</param>
    public static void MaxNotedCompiled(
        Index1D index, ArrayView<float> from, ArrayView<float> to, ArrayView<byte> winners,
        SpecializedValue<PoolTask> task)
    {
        PoolShape shape = task.Value.Shape;
        Quad quad = Quad.Of(
            from, shape.FirstOf(Plane(index, shape), Output(index, shape)), shape);
        float best = quad.Largest;
        to[index] = best;
        winners[index] = Quad.Code(quad.Winner, best, task.Value.Ending.Masks);
    }

    /// <summary>What wins alone, where the maxima are given.</summary>
    /// <param name="index">Of the output.</param>
    /// <param name="from">The input.</param>
    /// <param name="winners">Filled: <see cref="Quad.Code"/>.</param>
    /// <param name="task">What the kernel is compiled for.</param>
    public static void NoteCompiled(
        Index1D index, ArrayView<float> from, ArrayView<byte> winners,
        SpecializedValue<PoolTask> task)
    {
        PoolShape shape = task.Value.Shape;
        Quad quad = Quad.Of(
            from, shape.FirstOf(Plane(index, shape), Output(index, shape)), shape);
        winners[index] = Quad.Code(quad.Winner, quad.Largest, task.Value.Ending.Masks);
    }

    /// <summary>The gradient of windows of which it was noted what won.</summary>
    /// <param name="index">Of the output.</param>
    /// <param name="winners">Noted.</param>
    /// <param name="gradient">The output's.</param>
    /// <param name="to">The input's, filled.</param>
    /// <param name="shape">What the kernel is compiled for.</param>
    public static void SpreadNotedCompiled(
        Index1D index, ArrayView<byte> winners, ArrayView<float> gradient, ArrayView<float> to,
        SpecializedValue<PoolShape> shape)
    {
        PoolShape s = shape.Value;
        int winner = winners[index], below = s.FromColumns * Lanes;
        float mine = gradient[index];
        ArrayView<float> window = to.SubView(s.FirstOf(Plane(index, s), Output(index, s)));
        window[0] = winner == 0 ? mine : 0;
        window[Lanes] = winner == 1 ? mine : 0;
        window[below] = winner == 2 ? mine : 0;
        window[below + Lanes] = winner == 3 ? mine : 0;
    }

    /// <summary><see cref="Max"/>, compiled for one layer's sizes.</summary>
    public static void MaxCompiled(
        Index1D index, ArrayView<float> from, ArrayView<float> to,
        SpecializedValue<PoolShape> shape) => Max(index, from, to, shape.Value);

    /// <summary><see cref="SpreadMax"/>, compiled for one layer's sizes.</summary>
    public static void SpreadMaxCompiled(
        Index1D index, ArrayView<float> from, ArrayView<float> gradient, Target target,
        SpecializedValue<PoolTask> task) =>
        SpreadMax(index, from, gradient, target, task.Value.Shape, task.Value.Ending);

    /// <summary>
    /// The gradient of <see cref="Max"/>: a thread is an input and looks which windows it wins.
    /// </summary>
    public static void GatherMax(
        Index1D index, ArrayView<float> from, ArrayView<float> gradient, Target target,
        PoolShape shape, Ending ending)
    {
        int input = Input(index, shape), plane = index - (input * Lanes);
        int outputs = OutputPlane(index, shape);
        float sum = 0;
        for (int i = 0; i < shape.Rows; i++)
            for (int j = 0; j < shape.Columns; j++)
            {
                int output = shape.Over(input, i, j);
                if (output >= 0 && Winner(from, plane, output, shape) == input)
                    sum += gradient[outputs + (output * Lanes)];
            }

        target.Store(index, sum, ending);
    }

    /// <summary>The mean of each window; 0 where a window has nothing.</summary>
    public static void Average(
        Index1D index, ArrayView<float> from, ArrayView<float> to, PoolShape shape)
    {
        int plane = Plane(index, shape), output = Output(index, shape), count = 0;
        int row = shape.Top(output), left = shape.Left(output);
        float sum = 0;
        for (int i = 0; i < shape.Rows; i++)
        {
            int column = left;
            for (int j = 0; j < shape.Columns; j++)
            {
                int at = shape.At(row, column);
                if (at >= 0)
                {
                    sum += from[plane + (at * Lanes)];
                    count++;
                }

                column += shape.DilationColumns;
            }

            row += shape.DilationRows;
        }

        to[index] = sum / IntrinsicMath.Max(count, 1);
    }

    /// <summary>The gradient of <see cref="Average"/>: a thread is an input.</summary>
    public static void GatherAverage(
        Index1D index, ArrayView<float> gradient, Target target, PoolShape shape, Ending ending)
    {
        int input = Input(index, shape), outputs = OutputPlane(index, shape);
        float sum = 0;
        for (int i = 0; i < shape.Rows; i++)
            for (int j = 0; j < shape.Columns; j++)
            {
                int output = shape.Over(input, i, j);
                if (output >= 0)
                    sum += gradient[outputs + (output * Lanes)] / Count(output, shape);
            }

        target.Store(index, sum, ending);
    }

    /// <summary>
    /// The input that a window takes its value from, the first among equals; -1 where there is
    /// none.
    /// </summary>
    private static int Winner(ArrayView<float> from, int plane, int output, PoolShape shape)
    {
        int winner = -1, row = shape.Top(output), left = shape.Left(output);
        float best = 0;
        for (int i = 0; i < shape.Rows; i++)
        {
            int column = left;
            for (int j = 0; j < shape.Columns; j++)
            {
                int at = shape.At(row, column);
                float value = at >= 0 ? from[plane + (at * Lanes)] : 0;
                if (at >= 0 && (winner < 0 || value > best))
                {
                    best = value;
                    winner = at;
                }

                column += shape.DilationColumns;
            }

            row += shape.DilationRows;
        }

        return winner;
    }

    private static int Count(int output, PoolShape shape)
    {
        int rows = 0, columns = 0, row = shape.Top(output), column = shape.Left(output);
        for (int i = 0; i < shape.Rows; i++)
        {
            if (row >= 0 && row < shape.FromRows) rows++;
            row += shape.DilationRows;
        }

        for (int j = 0; j < shape.Columns; j++)
        {
            if (column >= 0 && column < shape.FromColumns) columns++;
            column += shape.DilationColumns;
        }

        return rows * columns;
    }

    private static int Output(int index, PoolShape shape) =>
        index / Lanes % (shape.ToRows * shape.ToColumns);

    /// <summary>Where the input plane of an output begins, at its lane.</summary>
    private static int Plane(int index, PoolShape shape) =>
        (index / (shape.ToRows * shape.ToColumns * Lanes)
            * shape.FromRows * shape.FromColumns * Lanes) + (index % Lanes);

    private static int Input(int index, PoolShape shape) =>
        index / Lanes % (shape.FromRows * shape.FromColumns);

    /// <summary>Where the output plane of an input begins, at its lane.</summary>
    private static int OutputPlane(int index, PoolShape shape) =>
        (index / (shape.FromRows * shape.FromColumns * Lanes)
            * shape.ToRows * shape.ToColumns * Lanes) + (index % Lanes);
}
