using ILGPU;
using ILGPU.Runtime;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>All that a kernel is compiled for that sums up and pools.</summary>
/// <param name="Shape">
/// The convolution's sizes, but for the rows of the output, and where an output lies: those are the
/// pool's. Its columns are half of the convolution's.
/// </param>
/// <param name="Window">The convolution's.</param>
/// <param name="Floor">The least value that is pooled.</param>
/// <param name="Masks">1 when windows without a value above 0 pass no gradient.</param>
internal readonly record struct PooledTask(
    ProductShape Shape, ProductWindow Window, float Floor, int Masks);

/// <summary>
/// A convolution and the largest of every two by two of its outputs, which are not stored: of those
/// that win, a gradient needs the place alone.
/// </summary>
internal static class PooledKernel
{
    private const int Lanes = ImageBlocks.Lanes;

    /// <summary>Eight filters by four columns, of two rows one after the other.</summary>
    /// <param name="index">As for <see cref="ProductKernels.Walk"/>, rows of the pool.</param>
    /// <param name="operands">What is multiplied.</param>
    /// <param name="to">Filled with the largest.</param>
    /// <param name="winners">Filled: <see cref="Quad.Code"/>.</param>
    /// <param name="task">What the kernel is compiled for.</param>
    public static void SlideCompiled(
        Index1D index, ProductOperands operands, ArrayView<float> to, ArrayView<byte> winners,
        SpecializedValue<PooledTask> task)
    {
        ProductShape shape = task.Value.Shape;
        ProductWindow window = task.Value.Window;
        float floor = task.Value.Floor;
        ProductPlace place = ProductPlace.Of(
            index, shape, ProductKernels.Columns, EightFloats.Count);
        SlidingSums sums = SlidingSums.Of(
            operands, place, place.Row * 2, shape, window, shape.Filters);
        EightWinners left = EightWinners.Of(sums.S0, floor).Then(sums.S1, floor, 1);
        EightWinners right = EightWinners.Of(sums.S2, floor).Then(sums.S3, floor, 1);
        sums = SlidingSums.Of(
            operands, place, (place.Row * 2) + 1, shape, window, shape.Filters);
        left = left.Then(sums.S0, floor, 2).Then(sums.S1, floor, 3);
        right = right.Then(sums.S2, floor, 2).Then(sums.S3, floor, 3);
        Store(0, left, place, shape, to, winners, task.Value.Masks);
        Store(1, right, place, shape, to, winners, task.Value.Masks);
    }

    private static void Store(
        int window, EightWinners found, ProductPlace place, ProductShape shape,
        ArrayView<float> to, ArrayView<byte> winners, int masks)
    {
        int tile = ProductKernels.Columns;
        if (shape.ToColumns % tile != 0 && place.Column + (2 * window) >= shape.ToColumns) return;
        int filters = shape.Filters % EightFloats.Count == 0
            ? EightFloats.Count
            : shape.Filters < EightFloats.Count ? shape.Filters : shape.Filters - place.Filter;
        long first = place.To + (window * Lanes), step = shape.ToChannel;
        Pooled target = new(to.SubView(first), winners.SubView(first), masks);
        target.Store(0, found.Best.A, found.Winner(0));
        if (filters > 1) target.Store(step, found.Best.B, found.Winner(1));
        if (filters > 2) target.Store(2 * step, found.Best.C, found.Winner(2));
        if (filters > 3) target.Store(3 * step, found.Best.D, found.Winner(3));
        if (filters > 4) target.Store(4 * step, found.Best.E, found.Winner(4));
        if (filters > 5) target.Store(5 * step, found.Best.F, found.Winner(5));
        if (filters > 6) target.Store(6 * step, found.Best.G, found.Winner(6));
        if (filters > 7) target.Store(7 * step, found.Best.H, found.Winner(7));
    }
}

/// <summary>Where maxima are stored.</summary>
/// <param name="To">The maxima.</param>
/// <param name="Winners">What won.</param>
/// <param name="Masks">1 when windows without a value above 0 pass no gradient.</param>
internal readonly record struct Pooled(ArrayView<float> To, ArrayView<byte> Winners, int Masks)
{
    /// <summary>Stores one.</summary>
    public void Store(long at, float best, int winner)
    {
        To[at] = best;
        Winners[at] = Quad.Code(winner, best, Masks);
    }
}

/// <summary>The largest of each of eight filters so far, and which it was, two bits each.</summary>
/// <param name="Best">The largest.</param>
/// <param name="Winners">The first filter's in the lowest bits.</param>
internal readonly record struct EightWinners(EightFloats Best, uint Winners)
{
    /// <summary>Of the first values, none below a floor.</summary>
    public static EightWinners Of(EightFloats x, float floor) => new(
        new(
            Raised(x.A, floor), Raised(x.B, floor), Raised(x.C, floor), Raised(x.D, floor),
            Raised(x.E, floor), Raised(x.F, floor), Raised(x.G, floor), Raised(x.H, floor)),
        0);

    /// <summary>And of others, which win where they are larger.</summary>
    /// <param name="x">The others.</param>
    /// <param name="floor">None is below.</param>
    /// <param name="winner">Which they are.</param>
    public EightWinners Then(EightFloats x, float floor, uint winner)
    {
        EightFloats y = Of(x, floor).Best;
        return new(
            new(
                y.A > Best.A ? y.A : Best.A, y.B > Best.B ? y.B : Best.B,
                y.C > Best.C ? y.C : Best.C, y.D > Best.D ? y.D : Best.D,
                y.E > Best.E ? y.E : Best.E, y.F > Best.F ? y.F : Best.F,
                y.G > Best.G ? y.G : Best.G, y.H > Best.H ? y.H : Best.H),
            Which(y.A > Best.A, winner, 0) | Which(y.B > Best.B, winner, 1)
                | Which(y.C > Best.C, winner, 2) | Which(y.D > Best.D, winner, 3)
                | Which(y.E > Best.E, winner, 4) | Which(y.F > Best.F, winner, 5)
                | Which(y.G > Best.G, winner, 6) | Which(y.H > Best.H, winner, 7));
    }

    /// <summary>Which value of a filter's window is the largest.</summary>
    public int Winner(int filter) => (int)(Winners >> (2 * filter)) & 3;

    private uint Which(bool wins, uint winner, int filter) =>
        wins ? winner << (2 * filter) : Winners & (3u << (2 * filter));

    /// <summary>As <see cref="Target.Ended"/> does it, to the sign of 0.</summary>
    private static float Raised(float x, float floor) =>
        floor > float.NegativeInfinity && x < floor ? floor : x;
}
