using System.Xml.Linq;

namespace QSim.Runner.Reports.Charts;

/// <summary>
/// How one curve is told from others: by colour, by dashes and by the shape of its points, so that
/// it can be told without any one of them.
/// </summary>
/// <param name="Index">0 for the float network, 1 and on for profiles.</param>
internal readonly record struct Style(int Index)
{
    /// <summary>Profiles that can be told from each other.</summary>
    public const int Profiles = 6;

    /// <summary>The class that gives colour and dashes.</summary>
    public string Class => $"s{Wrapped}";

    private int Wrapped => Index == 0 ? 0 : ((Index - 1) % Profiles) + 1;

    /// <summary>A point of the curve.</summary>
    /// <param name="x">Where.</param>
    /// <param name="y">Where.</param>
    /// <param name="tip">What a pointer that rests on it is told; null for nothing.</param>
    /// <param name="size">How much larger than usual.</param>
    public XElement Marker(double x, double y, string? tip = null, double size = 1)
    {
        string[] corners = Wrapped switch
        {
            1 => ["-3 -3", "3 -3", "3 3", "-3 3"],
            2 => ["0 -4.2", "4.2 0", "0 4.2", "-4.2 0"],
            3 => ["0 -4", "4 3.2", "-4 3.2"],
            4 => ["0 4", "4 -3.2", "-4 -3.2"],
            5 =>
            [
                "-4 -1.3",
                "-1.3 -1.3",
                "-1.3 -4",
                "1.3 -4",
                "1.3 -1.3",
                "4 -1.3",
                "4 1.3",
                "1.3 1.3",
                "1.3 4",
                "-1.3 4",
                "-1.3 1.3",
                "-4 1.3",
            ],
            6 => ["-4 -2", "4 -2", "4 2", "-4 2"],
            _ => [],
        };
        XElement shape = corners.Length == 0
            ? new("circle", Svg.At("r", 3.4))
            : new("path", new XAttribute("d", $"M{string.Join("L", corners)}Z"));
        return new(
            "g", new XAttribute("class", "point"),
            new XAttribute(
                "transform", $"translate({Svg.Number(x)} {Svg.Number(y)})"
                    + (size == 1 ? "" : $" scale({Svg.Number(size)})")), shape,
            tip is null ? null : new XElement("title", tip));
    }
}
