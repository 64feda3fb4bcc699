using QSim.Simulator.Quantization;

namespace QSim.Attacks.Methods.Adaptive;

/// <summary>The pixels that a program's input tells apart: one for each raw value.</summary>
/// <param name="converter">The program's input.</param>
internal sealed class InputGrid(InputConverter converter)
{
    /// <summary>
    /// Moves pixels to the middle of what is read as the same raw value, where that changes
    /// nothing about the raw value; others stay.
    /// </summary>
    public void Snap(Span<float> pixels)
    {
        long[] raw = converter.Quantize(pixels);
        for (int i = 0; i < pixels.Length; i++)
            if (Find(raw[i], i) is { } pixel) pixels[i] = pixel;
    }

    /// <summary>A pixel in [0, 1] that is read as a raw value; null where there is none.</summary>
    /// <param name="raw">The raw value.</param>
    /// <param name="at">Index of the pixel in the image.</param>
    public float? Find(long raw, int at)
    {
        double middle = converter.Pixel(raw, at), step = converter.Pixel(raw + 1, at) - middle;
        foreach (double part in (ReadOnlySpan<double>)[0, 0.25, -0.25])
        {
            float pixel = (float)Math.Clamp(middle + (part * step), 0, 1);
            if (converter.Quantize(pixel, at) == raw) return pixel;
        }

        return null;
    }
}
