namespace QSim.Kernels.Backends.Simd.Mac.Bounded;

/// <summary>One vector of channels of a tile.</summary>
/// <param name="weights">Their packed weights.</param>
/// <param name="biases">Their biases.</param>
/// <param name="accumulators">The first column's accumulators.</param>
/// <param name="flags">The first column's flags; null where none are wanted.</param>
/// <param name="padded">From one column to the next.</param>
/// <remarks>Needs columns of a tile that Accumulation.Run let in.</remarks>
internal readonly unsafe struct Channels(
    short* weights, int* biases, int* accumulators, int* flags, int padded)
{
    public short* Weights => weights;

    public int* Biases => biases;

    public int Padded => padded;

    public bool WantFlags => flags != null;

    public int* To(int column) => accumulators + ((long)column * padded);

    public int* Flags(int column) => flags + ((long)column * padded);
}
