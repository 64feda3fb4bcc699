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

    private readonly bool _isNarrow = !isDense && window.Slides && shape.Filters <= MostNarrow;
    private MemoryBuffer1D<EightFloats, Stride1D.Dense>? _weights;
    private MemoryBuffer1D<EightFloats, Stride1D.Dense>? _bias;
    private MemoryBuffer1D<float, Stride1D.Dense>? _narrowWeights;
    private MemoryBuffer1D<float, Stride1D.Dense>? _narrowBias;

    private int Width => _isNarrow ? 1 : EightFloats.Count;

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
    }

    /// <summary>Queues it.</summary>
    /// <param name="on">How many images, and where.</param>
    /// <param name="from">The input.</param>
    /// <param name="to">Filled.</param>
    /// <param name="ending">What becomes of the sums.</param>
    public void Launch(DeviceTensors on, ArrayView<float> from, Target to, Ending ending)
    {
        GradientKernels kernels = on.Kernels;
        int blocks = isDense ? 1 : on.Blocks;
        ProductShape s = isDense
            ? shape with { FromColumns = on.Blocks, ToColumns = on.Blocks, PadLeft = 0 }
            : shape;
        ProductWindow w = isDense ? window with { StrideColumns = 1, SpreadColumns = 1 } : window;
        int columns = _isNarrow ? NarrowKernel.Columns : ProductKernels.Columns;
        int tiles = (s.ToColumns + columns - 1) / columns;
        Index1D threads = blocks * shape.Groups * Tiles * s.ToRows * tiles * ImageBlocks.Lanes;
        if (_isNarrow)
        {
            NarrowOperands few = new(from, _narrowWeights!.View, _narrowBias!.View);
            if (kernels.Specializes)
                kernels.NarrowCompiled(on.Stream, threads, few, to, new(new(s, w, ending)));
            else kernels.Narrow(on.Stream, threads, few, to, s, ending, w);
            return;
        }

        ProductOperands operands = new(from, _weights!.View, _bias!.View);
        if (w is { Slides: true, Rows: 1, Columns: 1 } && s is { PadTop: 0, PadLeft: 0 }
            && s.FromRows == s.ToRows && s.FromColumns == s.ToColumns)
        {
            kernels.Point(on.Stream, threads, operands, to, s, ending);
            return;
        }

        // The number of blocks, which is a dense layer's columns, is none of its sizes.
        bool slides = w.Slides && !isDense;
        if (kernels.Specializes && !isDense)
            (slides ? kernels.SlideCompiled : kernels.WalkCompiled)(
                on.Stream, threads, operands, to, new(new(s, w, ending)));
        else
            (slides ? kernels.Slide : kernels.Walk)(
                on.Stream, threads, operands, to, s, ending, w);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        session.Free(_weights);
        session.Free(_bias);
        session.Free(_narrowWeights);
        session.Free(_narrowBias);
        (_weights, _bias, _narrowWeights, _narrowBias) = (null, null, null, null);
    }

    private static EightFloats[] Eights(float[] values) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<float, EightFloats>(values).ToArray();
}
