using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Gradients.Ilgpu.Steps;

/// <summary>
/// A sum of products over windows on a device: its weights, and the kernel that suits it.
/// </summary>
/// <param name="session">The device.</param>
/// <param name="shape">Sizes.</param>
/// <param name="window">The window.</param>
/// <param name="isDense">Whether blocks of images are columns.</param>
internal sealed class Product(
    DeviceSession session, ProductShape shape, ProductWindow window, bool isDense) : IDisposable
{
    /// <summary>
    /// Filters of a group up to which one filter and eight columns a thread waste less than eight
    /// filters and four columns.
    /// </summary>
    private const int MostNarrow = 2;

    private readonly bool _slides = !isDense && Slides(shape, window);
    private readonly bool _isNarrow =
        !isDense && Slides(shape, window) && shape.Filters <= MostNarrow;
    private MemoryBuffer1D<EightFloats, Stride1D.Dense>? _weights;
    private MemoryBuffer1D<EightFloats, Stride1D.Dense>? _bias;
    private MemoryBuffer1D<float, Stride1D.Dense>? _narrowWeights;
    private MemoryBuffer1D<float, Stride1D.Dense>? _narrowBias;
    private MemoryBuffer1D<RowEdges, Stride1D.Dense>? _edges;

    private int Width => _isNarrow ? 1 : EightFloats.Count;

    private int Columns => _isNarrow ? NarrowKernel.Columns : ProductKernels.Columns;

    private int Tiles => (shape.Filters + Width - 1) / Width;

    /// <summary>Takes over parameters.</summary>
    /// <param name="weight">By group, filter, channel and kernel place.</param>
    /// <param name="bias">By group and filter.</param>
    public void Upload(Func<int, int, int, int, float> weight, Func<int, int, float> bias)
    {
        int places = window.Rows * window.Columns, steps = shape.Depth * places;
        float[] weights = new float[Sizes.Weights(shape.Groups, Tiles, Width, steps)];
        float[] biases = new float[Sizes.Weights(shape.Groups, Tiles, Width)];
        for (int group = 0; group < shape.Groups; group++)
            for (int filter = 0; filter < shape.Filters; filter++)
            {
                int tile = (group * Tiles) + (filter / Width), lane = filter % Width;
                biases[(tile * Width) + lane] = bias(group, filter);
                for (int step = 0; step < steps; step++)
                    weights[(((tile * steps) + step) * Width) + lane] =
                        weight(group, filter, step / places, step % places);
            }

        Dispose();
        if (_isNarrow)
            (_narrowWeights, _narrowBias) = (session.Upload(weights), session.Upload(biases));
        else
            (_weights, _bias) = (session.Upload(Eights(weights)), session.Upload(Eights(biases)));
        _edges = session.Upload(Enumerable.Range(0, (shape.ToColumns + Columns - 1) / Columns)
            .Select(t => RowEdges.Of((t * Columns) - shape.PadLeft, shape.FromColumns)).ToArray());
    }

    /// <summary>Queues it.</summary>
    /// <param name="on">How many images, and where.</param>
    /// <param name="from">The input.</param>
    /// <param name="wide">The same with its <see cref="RowEdges.Margin"/>.</param>
    /// <param name="to">Filled.</param>
    /// <param name="ending">What becomes of the sums.</param>
    public void Launch(
        DeviceTensors on, ArrayView<float> from, ArrayView<float> wide, Target to, Ending ending)
    {
        if (isDense) LaunchDense(on, from, to, ending);
        else if (_isNarrow) LaunchNarrow(on, wide, to, ending);
        else LaunchWide(on, from, wide, to, ending);
    }

    /// <summary>Whether <see cref="LaunchPooled"/> is for it.</summary>
    public bool CanPool => _slides && !_isNarrow && !IsPoint
        && shape.ToRows % 2 == 0 && shape.ToColumns % 2 == 0;

    private bool IsPoint => window is { Slides: true, Rows: 1, Columns: 1 }
        && shape is { PadTop: 0, PadLeft: 0 }
        && shape.FromRows == shape.ToRows && shape.FromColumns == shape.ToColumns;

    /// <summary>Queues it and the largest of every two by two outputs.</summary>
    /// <param name="on">How many images, and where.</param>
    /// <param name="wide">The input with its <see cref="RowEdges.Margin"/>.</param>
    /// <param name="to">Filled with the largest.</param>
    /// <param name="winners">Filled: <see cref="Quad.Code"/>.</param>
    /// <param name="floor">The least value that is pooled.</param>
    /// <param name="masks">1 when windows without a value above 0 pass no gradient.</param>
    public void LaunchPooled(
        DeviceTensors on, ArrayView<float> wide, ArrayView<float> to, ArrayView<byte> winners,
        float floor, int masks)
    {
        ProductShape pooled = shape with
        {
            ToRows = shape.ToRows / 2,
            ToRow = shape.ToRow / 2,
            ToColumn = shape.ToColumn / 2,
            ToChannel = shape.ToChannel / 4,
            ToBlock = shape.ToBlock / 4,
        };
        on.Kernels.PooledCompiled(
            on.Stream, Threads(on) / 2,
            new(wide, _weights!.View, _bias!.View, _edges!.View), to, winners,
            new(new(pooled, window, floor, masks)));
    }

    /// <summary>Whether <see cref="LaunchSpread"/> is for it.</summary>
    public bool CanSpread => _slides && !IsPoint && window.Columns <= SlidingSums.MostPlaces
        && shape.FromRows % 2 == 0 && shape.FromColumns % 2 == 0;

    /// <summary>Queues it where its input is a gradient that a pool would have to spread.</summary>
    /// <param name="on">How many images, and where.</param>
    /// <param name="wide">The pool's gradient with its <see cref="RowEdges.Margin"/>.</param>
    /// <param name="winners">What won, likewise: <see cref="Quad.Code"/>.</param>
    /// <param name="to">Filled.</param>
    /// <param name="ending">What becomes of the sums.</param>
    public void LaunchSpread(
        DeviceTensors on, ArrayView<float> wide, ArrayView<byte> winners, Target to, Ending ending)
    {
        ProductShape spread = shape with
        {
            FromRow = shape.FromRow / 2,
            FromChannel = shape.FromChannel / 4,
            FromBlock = shape.FromBlock / 4,
        };
        Index1D threads = Threads(on, SpreadKernel.Rows);
        SpecializedValue<ProductTask> task = new(new(spread, window, ending));
        if (_isNarrow)
            on.Kernels.SpreadNarrowCompiled(
                on.Stream, threads,
                new(wide, _narrowWeights!.View, _narrowBias!.View, _edges!.View), winners, to,
                task);
        else
            on.Kernels.SpreadCompiled(
                on.Stream, threads, new(wide, _weights!.View, _bias!.View, _edges!.View), winners,
                to, task);
    }

    private void LaunchDense(DeviceTensors on, ArrayView<float> from, Target to, Ending ending)
    {
        GradientKernels kernels = on.Kernels;
        ProductOperands operands = new(from, _weights!.View, _bias!.View, _edges!.View);
        int groups = shape.Groups * Tiles * ((on.Blocks + Columns - 1) / Columns);
        KernelConfig config = new(groups, DenseKernel.Threads);

        // The number of blocks, which are the columns here, is none of a layer's sizes.
        ProductShape s = shape with { FromColumns = on.Blocks, ToColumns = on.Blocks };
        if (!kernels.SharesChannels)
            kernels.Point(on.Stream, groups * ImageBlocks.Lanes, operands, to, s, ending);
        else if (kernels.Specializes)
            kernels.DenseCompiled(
                on.Stream, config, operands, to, new(new(shape, window, ending)), on.Blocks);
        else
            kernels.Dense(on.Stream, config, operands, to, s, ending);
    }

    private void LaunchNarrow(DeviceTensors on, ArrayView<float> wide, Target to, Ending ending)
    {
        GradientKernels kernels = on.Kernels;
        NarrowOperands few = new(wide, _narrowWeights!.View, _narrowBias!.View, _edges!.View);
        if (kernels.Specializes)
            kernels.NarrowCompiled(
                on.Stream, Threads(on), few, to, new(new(shape, window, ending)));
        else kernels.Narrow(on.Stream, Threads(on), few, to, shape, ending, window);
    }

    private void LaunchWide(
        DeviceTensors on, ArrayView<float> from, ArrayView<float> wide, Target to, Ending ending)
    {
        GradientKernels kernels = on.Kernels;
        bool isPoint = IsPoint;
        ProductOperands operands = new(
            _slides && !isPoint ? wide : from, _weights!.View, _bias!.View, _edges!.View);
        Index1D threads = Threads(on);
        if (kernels.Specializes)
            (isPoint ? kernels.PointCompiled
                : _slides ? kernels.SlideCompiled : kernels.WalkCompiled)(
                on.Stream, threads, operands, to, new(new(shape, window, ending)));
        else if (isPoint)
            kernels.Point(on.Stream, threads, operands, to, shape, ending);
        else
            (_slides ? kernels.Slide : kernels.Walk)(
                on.Stream, threads, operands, to, shape, ending, window);
    }

    private Index1D Threads(DeviceTensors on, int rows = 1) =>
        on.Blocks * shape.Groups * Tiles * ((shape.ToRows + rows - 1) / rows)
            * ((shape.ToColumns + Columns - 1) / Columns) * ImageBlocks.Lanes;

    /// <inheritdoc/>
    public void Dispose()
    {
        session.Free(_weights);
        session.Free(_bias);
        session.Free(_narrowWeights);
        session.Free(_narrowBias);
        session.Free(_edges);
        (_weights, _bias, _narrowWeights, _narrowBias, _edges) = (null, null, null, null, null);
    }

    /// <summary>Whether no thread reads further beside the image than there is memory.</summary>
    private static bool Slides(ProductShape s, ProductWindow w) =>
        w.Slides && s.PadLeft <= RowEdges.MostBeside
        && s.ToColumns - s.PadLeft + NarrowKernel.Columns + w.Columns
            <= s.FromColumns + RowEdges.MostBeside;

    private static EightFloats[] Eights(float[] values) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<float, EightFloats>(values).ToArray();
}
