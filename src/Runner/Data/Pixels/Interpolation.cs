namespace QSim.Runner.Data.Pixels;

/// <summary>How pixels are weighted where an image changes its size, by Pillow's names.</summary>
internal enum Interpolation
{
    /// <summary>The one pixel whose area the new one's centre is in.</summary>
    Nearest,

    /// <summary>A triangle of radius 1.</summary>
    Bilinear,

    /// <summary>Keys' cubic with a = -0.5, radius 2.</summary>
    Bicubic,

    /// <summary>Every pixel alike, radius 0.5.</summary>
    Box,

    /// <summary>A cosine window over the sine cardinal, radius 1.</summary>
    Hamming,

    /// <summary>The sine cardinal windowed by itself, radius 3.</summary>
    Lanczos,
}
