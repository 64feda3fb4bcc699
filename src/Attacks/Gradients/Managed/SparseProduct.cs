using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using QSim.Kernels.Backends.Memory;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// Image gradients of a dense layer, image by image: weights transposed times the output's
/// gradient, without the outputs where that is 0, as behind a ReLU in half of them. Every sum is
/// the chain of multiply-adds, output by output, that <see cref="WindowProduct"/> makes; what is
/// left out would add 0. Images come out as they are stored, not side by side.
/// </summary>
/// <remarks>
/// Needs weights as many as inputs times outputs, which Pack asserts, and scratch of
/// ScratchLength.
/// </remarks>
internal sealed unsafe class SparseProduct : IDisposable
{
    private const int Vectors = 8;

    private readonly int _inputs;
    private readonly int _outputs;
    private readonly NativeBuffer _packed;

    /// <param name="inputs">Values of an image.</param>
    /// <param name="outputs">Values of an image's output.</param>
    public SparseProduct(int inputs, int outputs)
    {
        (_inputs, _outputs) = (inputs, outputs);
        _packed = new((long)Tiles * outputs * Width);
    }

    /// <summary>Floats of scratch memory that <see cref="Run"/> takes.</summary>
    public long ScratchLength => (long)ImageLanes.Count * _outputs * sizeof(Term) / sizeof(float);

    /// <summary>Pixels that are summed at once.</summary>
    private static int Width => Vectors * Vector256<float>.Count;

    private int Tiles => (_inputs + Width - 1) / Width;

    /// <summary>Takes over weights, [output][input]: a tile's lie together.</summary>
    public void Pack(ReadOnlySpan<float> weight)
    {
        Door.Needs(weight.Length == (long)_outputs * _inputs);
        for (int o = 0; o < _outputs; o++)
            for (int i = 0; i < _inputs; i++)
                _packed.Pointer[((((long)(i / Width) * _outputs) + o) * Width) + (i % Width)] =
                    weight[(o * _inputs) + i];
    }

    /// <summary>Fills the gradients of images.</summary>
    /// <param name="gradient">The output's, of a block (<see cref="ImageLanes"/>).</param>
    /// <param name="count">Images of the block.</param>
    /// <param name="scratch">Of <see cref="ScratchLength"/>.</param>
    /// <param name="images">Filled: [image][input].</param>
    public void Run(float* gradient, int count, float* scratch, float* images)
    {
        Term* terms = (Term*)scratch;
        int* lengths = stackalloc int[count];
        for (int i = 0; i < count; i++)
            lengths[i] = Collect(gradient + i, terms + ((nint)i * _outputs));

        // Each tile through all images before the next: its weights stay in the nearest cache. A
        // tile that hangs over is summed apart, for the next image begins where this one ends.
        float* last = stackalloc float[Width];
        for (int tile = 0, at = 0; tile < Tiles; tile++, at += Width)
        {
            float* weights = _packed.Pointer + ((nint)tile * _outputs * Width);
            bool isWhole = at + Width <= _inputs;
            for (int i = 0; i < count; i++)
            {
                float* image = images + ((nint)i * _inputs) + at;
                Sum(weights, terms + ((nint)i * _outputs), lengths[i], isWhole ? image : last);
                if (!isWhole)
                    new Span<float>(last, _inputs - at).CopyTo(new(image, _inputs - at));
            }
        }
    }

    public void Dispose() => _packed.Dispose();

    /// <summary>One image's terms that are not 0; their number.</summary>
    private int Collect(float* gradient, Term* terms)
    {
        int found = 0;
        for (int o = 0; o < _outputs; o++)
        {
            float value = gradient[(nint)o * ImageLanes.Count];

            // Written always and kept only where not 0: a branch here would be guessed wrong often.
            terms[found] = new(o * Width, value);
            found += value != 0 ? 1 : 0;
        }

        return found;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(float* weights, Term* term, int count, float* to)
    {
        // Eight chains: as many as hide the latency of a multiply-add.
        Vector256<float> s0 = Vector256<float>.Zero, s1 = s0, s2 = s0, s3 = s0;
        Vector256<float> s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        int step = Vector256<float>.Count;
        for (Term* end = term + count; term < end; term++)
        {
            Vector256<float> v = Vector256.Create(term->Value);
            float* w = weights + term->Weights;
            s0 = Vector256.FusedMultiplyAdd(v, Vector256.Load(w), s0);
            s1 = Vector256.FusedMultiplyAdd(v, Vector256.Load(w + step), s1);
            s2 = Vector256.FusedMultiplyAdd(v, Vector256.Load(w + (2 * step)), s2);
            s3 = Vector256.FusedMultiplyAdd(v, Vector256.Load(w + (3 * step)), s3);
            s4 = Vector256.FusedMultiplyAdd(v, Vector256.Load(w + (4 * step)), s4);
            s5 = Vector256.FusedMultiplyAdd(v, Vector256.Load(w + (5 * step)), s5);
            s6 = Vector256.FusedMultiplyAdd(v, Vector256.Load(w + (6 * step)), s6);
            s7 = Vector256.FusedMultiplyAdd(v, Vector256.Load(w + (7 * step)), s7);
        }

        Vector256.Store(s0, to);
        Vector256.Store(s1, to + step);
        Vector256.Store(s2, to + (2 * step));
        Vector256.Store(s3, to + (3 * step));
        Vector256.Store(s4, to + (4 * step));
        Vector256.Store(s5, to + (5 * step));
        Vector256.Store(s6, to + (6 * step));
        Vector256.Store(s7, to + (7 * step));
    }

    /// <summary>
    /// An output with a gradient: where its weights lie in a tile, and what it is.
    /// </summary>
    private readonly record struct Term(int Weights, float Value);
}
