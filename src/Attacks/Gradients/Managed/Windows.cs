using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// Target positions whose windows, clipped to the source, have the same form: the same taps at the
/// same distances. All offsets count floats of <see cref="ImageLanes"/>.
/// </summary>
/// <param name="Taps">Kernel position of each tap, row by row.</param>
/// <param name="Offsets">Where each tap reads, counted from the window's first value.</param>
/// <param name="From">The windows' first values in the source plane; pinned.</param>
/// <param name="To">The targets' places in the target plane; pinned.</param>
internal sealed record WindowClass(int[] Taps, int[] Offsets, int[] From, int[] To);

/// <summary>
/// Which source values each target position of a sliding window meets. Padding is left out.
/// </summary>
internal static class Windows
{
    /// <summary>Windows from outputs to the inputs that they cover.</summary>
    public static WindowClass[] Forward(TensorShape input, TensorShape output, WindowGeometry g) =>
        InPlanes(
            Classes(
                Rows(input, output, g), Columns(input, output, g), input.Columns, output.Columns,
                g),
            input.Positions, output.Positions);

    /// <summary>
    /// Windows from inputs to the outputs that cover them, taps in the kernel's order.
    /// </summary>
    public static WindowClass[] Backward(TensorShape input, TensorShape output, WindowGeometry g) =>
        InPlanes(
            Classes(
                Transpose(Rows(input, output, g), input.Rows),
                Transpose(Columns(input, output, g), input.Columns), output.Columns,
                input.Columns, g),
            output.Positions, input.Positions);

    /// <summary>
    /// Asserts that every window lies in its source's plane and every target in its own: loops over
    /// windows do not look again.
    /// </summary>
    private static WindowClass[] InPlanes(WindowClass[] classes, int sources, int targets)
    {
        int source = (sources - 1) * ImageLanes.Count, target = (targets - 1) * ImageLanes.Count;
        foreach (WindowClass c in classes)
        {
            Door.Needs(c.From.Length == c.To.Length && c.Offsets.Length == c.Taps.Length);
            Door.Needs(c.To.Min() >= 0 && c.To.Max() <= target && c.From.Min() >= 0);
            if (c.Offsets.Length == 0) continue;
            Door.Needs(c.From.Min() + c.Offsets.Min() >= 0);
            Door.Needs(c.From.Max() + c.Offsets.Max() <= source);
        }

        return classes;
    }

    private static List<Meeting>[] Rows(TensorShape input, TensorShape output, WindowGeometry g) =>
        Axis(output.Rows, g.KernelRows, input.Rows, g.InputRow);

    private static List<Meeting>[] Columns(
        TensorShape input, TensorShape output,
        WindowGeometry g) => Axis(output.Columns, g.KernelColumns, input.Columns, g.InputColumn);

    /// <summary>
    /// By target the taps that meet a source. Taps before the first source are stepped over, so
    /// that the work is what is found (<see cref="Sizes.MostTaps"/>), not what might be.
    /// </summary>
    private static List<Meeting>[] Axis(
        int targets, int taps, int sources, Func<int, int, int> source)
    {
        var axis = new List<Meeting>[targets];
        int dilation = Math.Max(1, source(0, 1) - source(0, 0));
        for (int target = 0; target < targets; target++)
        {
            axis[target] = [];
            int before = Math.Max(0, -source(target, 0));
            for (int tap = (int)(((long)before + dilation - 1) / dilation); tap < taps; tap++)
            {
                int met = source(target, tap);
                if (met >= sources) break;
                axis[target].Add(new(tap, met));
            }
        }

        return axis;
    }

    /// <summary>By source the taps that meet a target, in one pass over what meets.</summary>
    private static List<Meeting>[] Transpose(List<Meeting>[] axis, int sources)
    {
        var transposed = new List<Meeting>[sources];
        for (int source = 0; source < sources; source++) transposed[source] = [];
        for (int target = axis.Length - 1; target >= 0; target--)
            foreach (Meeting meeting in axis[target])
                transposed[meeting.Source].Add(new(meeting.Tap, target));
        return transposed;
    }

    private static WindowClass[] Classes(
        List<Meeting>[] rows, List<Meeting>[] columns, int sourceColumns, int targetColumns,
        WindowGeometry g)
    {
        int lanes = ImageLanes.Count;
        return
        [
            .. from rowGroup in Alike(rows)
            from columnGroup in Alike(columns)
            let row = rows[rowGroup[0]]
            let column = columns[columnGroup[0]]
            let taps = from r in row
            from c in column
            select (r.Tap * g.KernelColumns) + c.Tap
            let offsets = from r in row
            from c in column
            let down = r.Source - row[0].Source
            let right = c.Source - column[0].Source
            select ((down * sourceColumns) + right) * lanes
            let positions = from r in rowGroup
            from c in columnGroup
            select (r, c)
            select new WindowClass(
                [.. taps],
                [.. offsets],
                Pinned(
                    positions.Select(p =>
                        row.Count == 0 || column.Count == 0
                            ? 0
                            : ((rows[p.r][0].Source * sourceColumns) + columns[p.c][0].Source)
                                * lanes
                    )
                ),
                Pinned(positions.Select(p => ((p.r * targetColumns) + p.c) * lanes))
            ),
        ];
    }

    /// <summary>
    /// Targets with equal taps and equal distances between them. Both are the same from each tap to
    /// the next, so that first, second and number say all.
    /// </summary>
    private static IEnumerable<int[]> Alike(List<Meeting>[] axis) =>
        Enumerable
            .Range(0, axis.Length)
            .GroupBy(t => axis[t] switch
            {
                [] => (0, 0, 0, 0),
                [var only] => (1, only.Tap, 0, 0),
                [var first, var second, ..] => (
                    axis[t].Count, first.Tap, second.Tap, second.Source - first.Source),
            })
            .Select(group => group.ToArray());

    private static int[] Pinned(IEnumerable<int> values)
    {
        int[] all = [.. values];
        int[] pinned = GC.AllocateUninitializedArray<int>(all.Length, pinned: true);
        all.CopyTo(pinned, 0);
        return pinned;
    }

    /// <summary>Along one axis, a tap of the kernel and the source that it meets.</summary>
    private readonly record struct Meeting(int Tap, int Source);
}
