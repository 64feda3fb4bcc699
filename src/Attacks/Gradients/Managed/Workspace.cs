using QSim.Kernels.Backends.Memory;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// What one thread needs: values and gradients of every tensor for a block of images, and scratch.
/// </summary>
/// <remarks>Needs nothing: it makes every tensor as long as its shape says.</remarks>
internal sealed unsafe class Workspace : IDisposable
{
    /// <summary>Elements of an image that <see cref="Taken"/> holds.</summary>
    public const int TakenElements = 256;

    private readonly NativeBuffer _memory;

    /// <param name="network">The network, for shapes.</param>
    /// <param name="scratchLength">The most scratch floats that a layer asks for.</param>
    /// <param name="home">In whose memory each tensor lies.</param>
    /// <param name="cutsNegatives">See <see cref="CutsNegatives"/>.</param>
    public Workspace(
        FloatNetwork network, long scratchLength, int[] home, bool[] cutsNegatives)
    {
        CutsNegatives = cutsNegatives;
        int tensors = home.Length;
        long Floats(int t) => (long)network.Shape(t).Length * ImageLanes.Count;
        long taken = TakenElements * ImageLanes.Count;
        long scratch = (scratchLength + 15) / 16 * 16;
        long all = Enumerable.Range(0, tensors).Where(t => home[t] == t).Sum(Floats);
        _memory = new(taken + scratch + (2 * all));
        Taken = _memory.At(0, taken);
        Scratch = _memory.At(taken, scratch);
        Values = new float*[tensors];
        Gradients = new float*[tensors];
        float* next = Scratch + scratch;
        for (int t = 0; t < tensors; t++)
        {
            if (home[t] == t)
            {
                Values[t] = next;
                Gradients[t] = next + Floats(t);
                next += 2 * Floats(t);
            }
            else
            {
                Values[t] = Values[home[t]];
                Gradients[t] = Gradients[home[t]];
            }
        }

        Door.Needs(next - Taken == _memory.Length);
        LogitGradients = new float[network.Classes];
    }

    /// <summary>By layer, whether its forward pass leaves max(output, 0).</summary>
    public bool[] CutsNegatives { get; }

    /// <summary>Values by tensor, [channel][row][column][image].</summary>
    public float*[] Values { get; }

    /// <summary>Gradients by tensor, laid out as the values.</summary>
    public float*[] Gradients { get; }

    /// <summary>Memory that a kernel may use while it runs.</summary>
    public float* Scratch { get; }

    /// <summary>Values given, [image][element], on their way to where they belong.</summary>
    public float* Taken { get; }

    /// <summary>Room for one image's d loss / d logits.</summary>
    public float[] LogitGradients { get; }

    public void Dispose() => _memory.Dispose();
}
