using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>What the random bits of one launch are keyed by. Blittable.</summary>
/// <param name="Seed">The program's seed.</param>
/// <param name="FirstImage">Index in the dataset of the first image of this launch.</param>
/// <param name="Layer">Index of the layer.</param>
internal readonly record struct RunKey(ulong Seed, long FirstImage, int Layer)
{
    /// <summary>
    /// The random bits of one conversion of one output element; 0 where none are needed.
    /// </summary>
    public ulong Random(
        RoundingMode mode, EventStage stage, int image, int element, int step = 0) =>
        mode == RoundingMode.Stochastic
            ? StochasticBits.Of(Seed, Layer, (int)stage, FirstImage + image, element, step)
            : 0;
}
