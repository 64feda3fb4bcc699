namespace QSim.Kernels.Arithmetic;

/// <summary>Where the random bits of <see cref="RoundingMode.Stochastic"/> come from.</summary>
internal static class StochasticBits
{
    /// <summary>
    /// The 64 uniform bits of one conversion: words X (low) and Y (high) of <see cref="Philox"/>
    /// with the program's seed for a key and the counter (element, step, image, 8 * layer + stage).
    /// They depend on the place alone, so every backend, thread count and batch size draws the same
    /// ones.
    /// </summary>
    /// <param name="seed">The program's seed.</param>
    /// <param name="layer">Index of the layer in its program.</param>
    /// <param name="stage">
    /// Which of the layer's conversions, 0..7: the number of its event stage.
    /// </param>
    /// <param name="image">Index of the image in its dataset, taken modulo 2^32.</param>
    /// <param name="element">
    /// Index of the output element: (channel * rows + row) * columns + column.
    /// </param>
    /// <param name="step">Index of the product or of the update; 0 for what happens once.</param>
    public static ulong Of(ulong seed, int layer, int stage, long image, int element, int step)
    {
        UInt4 words = Philox.Generate(
            seed, new UInt4((uint)element, (uint)step, (uint)image, (uint)((layer * 8) + stage)));
        return ((ulong)words.Y << 32) | words.X;
    }
}
