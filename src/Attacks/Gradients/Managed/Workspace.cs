using System.Runtime.InteropServices;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>What one thread needs: values and gradients of every tensor for a chunk of images, and scratch.</summary>
internal sealed unsafe class Workspace : IDisposable
{
    /// <summary>Most images that a thread can take at a time: rows enough for the tiles of a dense layer.</summary>
    public const int LargestChunk = 24;

    /// <summary>Bytes of values and gradients that should stay in a core's own cache.</summary>
    private const long CacheBytes = 512 * 1024;

    private readonly NativeBuffer _memory;
    private readonly int*[] _winners;

    public Workspace(FloatNetwork network, IReadOnlyList<LayerKernel> kernels)
    {
        int tensors = network.Layers.Length + 1;
        long tensorFloats = Enumerable.Range(1, tensors - 1).Sum(t => Padded(network.Shape(t).Length));
        long scratch = kernels.Max(k => Padded(k.ScratchLength));
        _memory = new((2 * LargestChunk * tensorFloats) + scratch);
        Scratch = _memory.Pointer;
        Values = new float*[tensors];
        Gradients = new float*[tensors];
        float* next = Scratch + scratch;
        for (int t = 1; t < tensors; t++)
        {
            Values[t] = next;
            next += LargestChunk * Padded(network.Shape(t).Length);
            Gradients[t] = next;
            next += LargestChunk * Padded(network.Shape(t).Length);
        }

        _winners = new int*[kernels.Count];
        for (int i = 0; i < kernels.Count; i++)
            if (kernels[i].IndexLength > 0)
                _winners[i] = (int*)NativeMemory.AllocZeroed(
                    (nuint)(LargestChunk * kernels[i].IndexLength), sizeof(int));
        LogitGradients = new float[network.Classes];
    }

    /// <summary>Values by tensor, [image][channel][row][column]; tensor 0 is the caller's memory.</summary>
    public float*[] Values { get; }

    /// <summary>Gradients by tensor, laid out as the values; tensor 0 is the caller's memory.</summary>
    public float*[] Gradients { get; }

    /// <summary>Position of each pooling winner in its plane, by layer.</summary>
    public int*[] Winners => _winners;

    /// <summary>Memory that a kernel may use while it runs.</summary>
    public float* Scratch { get; }

    /// <summary>Room for one image's d loss / d logits.</summary>
    public float[] LogitGradients { get; }

    /// <summary>Images that a thread should take at a time.</summary>
    public static int ChunkFor(FloatNetwork network)
    {
        long bytes = Enumerable.Range(0, network.Layers.Length + 1).Sum(t => 8L * network.Shape(t).Length);
        return (int)Math.Clamp(CacheBytes / bytes / 6 * 6, 6, LargestChunk);
    }

    public void Dispose()
    {
        _memory.Dispose();
        for (int i = 0; i < _winners.Length; i++)
        {
            NativeMemory.Free(_winners[i]);
            _winners[i] = null;
        }
    }

    private static long Padded(long length) => (length + 15) / 16 * 16;
}
