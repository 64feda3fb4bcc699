namespace QSim.Runner.Reports.Charts;

/// <summary>The numbers behind a picture.</summary>
/// <param name="Name">
/// What files of the picture are called, without their ends: letters, digits, <c>. _ -</c>.
/// </param>
/// <param name="Header">One word per column; none where the picture shows no numbers.</param>
/// <param name="Rows">Each as long as the header.</param>
internal sealed record PlotData(
    string Name, IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    private const int MostLetters = 80;

    /// <summary>A picture without numbers.</summary>
    public static PlotData OfPicture(string name) => new(Safe(name), [], []);

    /// <summary>A name as a file may have it.</summary>
    public static string Safe(string name) => string.Concat(name.Take(MostLetters).Select(
        c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-'));
}
