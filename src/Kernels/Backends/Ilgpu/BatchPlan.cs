using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>How many images a device takes at a time.</summary>
internal static class BatchPlan
{
    /// <summary>Lanes whose transfers and kernels overlap.</summary>
    public const int Lanes = 2;

    private const long MostBytesPerLane = 1L << 30;
    private const int FewestImagesWorthSplitting = 256;

    /// <summary>
    /// Images per lane: as many as memory and 32-bit indices allow, and few enough to overlap.
    /// </summary>
    /// <param name="program">The program.</param>
    /// <param name="layers">Its layers on the device.</param>
    /// <param name="freeBytes">Bytes that may be allocated.</param>
    /// <param name="images">How many images the run has.</param>
    public static int ImagesPerLane(
        QuantizedProgram program, DeviceLayer?[] layers, long freeBytes, int images)
    {
        long[] lengths =
        [
            program.Input.Type.Shape.Length,
            .. program.Layers.Select(l => (long)l.Output.Shape.Length),
        ];
        long scratch = layers.Max(l => l?.ScratchPerImage ?? 0);

        // Tensors and event flags take 4 bytes per value, tensors that leave the device again on
        // the host.
        long bytesPerImage = (lengths.Sum() * 2 * sizeof(int)) + (scratch * sizeof(long));
        long budget = Math.Min(freeBytes / (Lanes + 1), MostBytesPerLane);
        long most = Math.Min(budget / bytesPerImage, int.MaxValue / (lengths.Max() * 2));
        int overlapping = Math.Max(
            FewestImagesWorthSplitting, (images + (2 * Lanes) - 1) / (2 * Lanes));
        return (int)Math.Clamp(most, 1, Math.Min(images, overlapping));
    }
}
