namespace QSim.Runner.Studies.Searching;

/// <summary>What a study asks of a search: its <c>search</c>.</summary>
/// <param name="Objectives">Figures that are to be good, as they are written.</param>
/// <param name="Constraints">What designs have to meet.</param>
/// <param name="Evaluations">Most designs that are looked at.</param>
/// <param name="Population">Designs of a generation.</param>
/// <param name="HeldBack">
/// Test images behind those of the search that the front is measured on once more.
/// </param>
internal sealed record SearchSettings(
    IReadOnlyList<string> Objectives, IReadOnlyList<string> Constraints, int Evaluations,
    int Population, int HeldBack)
{
    /// <summary>What a study that says no more gets.</summary>
    public static SearchSettings Usual { get; } = new(["clean", "area"], [], 200, 24, 500);
}
