using System.Text.Json;
using QSim.Runner.Output;

namespace QSim.Runner.Studies.Costs;

/// <summary>
/// What circuits of a run cost, as the tools that were there said it: the one part of a run's
/// results that depends on the machine, and therefore says which tools.
/// </summary>
/// <param name="Schema">The version of the file.</param>
/// <param name="Target">What was synthesised for.</param>
/// <param name="Library">The cells; null for an FPGA, or where there are none.</param>
/// <param name="LibrarySha256">Of the Liberty file.</param>
/// <param name="Tools">Programs with their versions.</param>
/// <param name="Notes">What figures mean, and where they are from.</param>
/// <param name="Profiles">One per profile.</param>
/// <param name="Units">Halves of units, layer by layer.</param>
internal sealed record RunCosts(
    string Schema, string Target, string? Library, string? LibrarySha256, string Tools,
    IReadOnlyList<string> Notes, IReadOnlyList<ProfileFigures> Profiles,
    IReadOnlyList<CostRow> Units)
{
    /// <summary>The file in a run's folder.</summary>
    public const string FileName = "costs.json";

    /// <summary>The layout that is written and read.</summary>
    public const string Version = "qsim/run-costs/1";

    /// <summary>Those of a run's folder; null where there are none, or they are damaged.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="study">What the run asks.</param>
    public static RunCosts? Read(string folder, StudySettings study)
    {
        if (study.Cost is null || OwnFile.Read(Path.Combine(folder, FileName)) is not { } bytes)
            return null;
        try
        {
            var costs = SealedJson.Parse<RunCosts>(bytes);
            return costs.AreOf(study) ? costs : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether they are those that a study asks for.</summary>
    public bool AreOf(StudySettings study) =>
        Schema == Version && study.Cost?.Target == Target;

    /// <summary>Columns of which some profile has a figure.</summary>
    public IEnumerable<(string Name, Func<ProfileFigures, double?> Of)> Columns() =>
        ProfileFigures.Columns.Where(c => Profiles.Any(p => c.Of(p) is not null));
}
