namespace QSim.Runner.Reports.Charts;

/// <summary>A point of a curve with its interval.</summary>
/// <param name="X">The budget.</param>
/// <param name="Y">The accuracy, 0..1.</param>
/// <param name="Low">Lower end of its interval.</param>
/// <param name="High">Upper end of it.</param>
/// <param name="Tip">The same in words.</param>
internal readonly record struct CurvePoint(double X, double Y, double Low, double High, string Tip);

/// <summary>A curve.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Style">How it looks.</param>
/// <param name="Points">Ascending.</param>
internal sealed record Curve(string Name, Style Style, IReadOnlyList<CurvePoint> Points)
{
    /// <summary>Whether it was computed, not measured: a thin line without points.</summary>
    public bool IsPredicted { get; init; }

    /// <summary>Whether it is proved: a broken line, and up to what stood a band.</summary>
    public bool IsProved { get; init; }

    /// <summary>How it is drawn, for the page's style sheet.</summary>
    public string Kind =>
        $"series {Style.Class}{(IsPredicted ? " predicted" : IsProved ? " proved" : "")}";
}

/// <summary>
/// A place on the horizontal axis with its interval, drawn on a line of its own below the curves.
/// </summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Style">How it looks.</param>
/// <param name="At">The place; null where there is none.</param>
/// <param name="Low">Lower end of its interval; null for beyond the axis.</param>
/// <param name="High">Upper end of it; null for beyond the axis.</param>
/// <param name="Tip">The same in words.</param>
internal readonly record struct AxisMark(
    string Name, Style Style, double? At, double? Low, double? High, string Tip);

/// <summary>A place on the horizontal axis that a line through the chart marks.</summary>
/// <param name="At">The place.</param>
/// <param name="Text">What it is, in few words.</param>
internal readonly record struct AxisFlag(double At, string Text);

/// <summary>A range of accuracies that a band through the chart marks.</summary>
/// <param name="Low">Its lower end, 0..1.</param>
/// <param name="High">Its upper end, 0..1.</param>
/// <param name="Text">What it is.</param>
internal readonly record struct AccuracyBand(double Low, double High, string Text);
