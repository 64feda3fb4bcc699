using SkiaSharp;
using Svg.Skia;
using Svg.Skia.TypefaceProviders;

namespace QSim.Runner.Reports.Charts.Skia;

/// <summary>Pictures drawn by Svg.Skia, all their letters of one typeface.</summary>
internal sealed class SkiaPng : PaperPng
{
    /// <summary>Svg.Skia takes an inch for as many units, as browsers do.</summary>
    private const float UnitsAnInch = 96;

    /// <summary>Typefaces that have every letter of a report, from the usual one on.</summary>
    private static readonly string[] Families =
        ["Helvetica", "Arial", "Liberation Sans", "DejaVu Sans", "Noto Sans"];

    /// <summary>Their files: on Linux this Skia knows none itself, and needs no library.</summary>
    private static readonly string[] Files =
    [
        "Arial.ttf", "LiberationSans-Regular.ttf", "DejaVuSans.ttf", "NotoSans-Regular.ttf",
    ];

    private static readonly string[] Folders =
        ["/usr/share/fonts", "/usr/local/share/fonts", "/run/current-system/sw/share/X11/fonts"];

    private readonly SKTypeface _typeface = Find()
        ?? throw new RequestException(
            "PNG: no typeface for its letters is installed (supported: "
                + $"{string.Join(", ", Families)}; Debian: apt-get install fonts-dejavu-core)");

    /// <inheritdoc/>
    public override byte[] Draw(string svg)
    {
        using var picture = new SKSvg();
        picture.Settings.TypefaceProviders!.Insert(0, new OneTypeface(_typeface));
        picture.FromSvg(svg);
        using var stream = new MemoryStream();
        const float Scale = DotsAnInch / UnitsAnInch;
        return picture.Save(stream, SKColors.White, SKEncodedImageFormat.Png, 100, Scale, Scale)
            ? stream.ToArray()
            : throw new InvalidOperationException("Svg.Skia could not draw a picture");
    }

    private static SKTypeface? Find() =>
        Families.Select(f => SKFontManager.Default.MatchFamily(f))
            .FirstOrDefault(f => f is not null)
        ?? Files.SelectMany(Installed).Select(f => SKTypeface.FromFile(f))
            .FirstOrDefault(f => f is not null);

    private static IEnumerable<string> Installed(string name) => Folders
        .Where(Directory.Exists)
        .SelectMany(f => Directory.EnumerateFiles(
            f, name, new EnumerationOptions { RecurseSubdirectories = true }))
        .Order(StringComparer.Ordinal);

    /// <summary>The same typeface whatever a picture asks for.</summary>
    private sealed class OneTypeface(SKTypeface typeface) : ITypefaceProvider
    {
        public SKTypeface FromFamilyName(
            string fontFamily, SKFontStyleWeight fontWeight, SKFontStyleWidth fontWidth,
            SKFontStyleSlant fontStyle) => typeface;
    }
}
