namespace QSim.Runner.Reports.Charts;

/// <summary>
/// Draws the pictures of <see cref="PaperSvg"/> as PNG, for whoever takes no SVG: the same drawing,
/// by a library that a build has only where it was asked for (build/Png.targets).
/// </summary>
internal abstract class PaperPng
{
    /// <summary>Dots of a line of paper an inch long: what printers ask for.</summary>
    public const int DotsAnInch = 300;

    /// <summary>The one of this build.</summary>
    /// <exception cref="RequestException">It has none, or it finds no letters here.</exception>
    public static PaperPng Create() =>
#if SKIA
        new Skia.SkiaPng();
#else
        throw new RequestException(
            "this build draws no PNG: build it with 'dotnet build -c Release -p:Png=true', which "
                + "fetches Svg.Skia once (SVG needs nothing)");
#endif

    /// <summary>The bytes of a PNG file.</summary>
    /// <param name="svg">The picture.</param>
    public abstract byte[] Draw(string svg);
}
