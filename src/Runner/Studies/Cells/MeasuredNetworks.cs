namespace QSim.Runner.Studies.Cells;

/// <summary>
/// Which networks the cells of a study were measured on: one per seed, or per seed and profile. Two
/// machines may train different ones from the same study (vectors of another width add up in
/// another order), and cells of both make no result.
/// </summary>
/// <param name="study">The study.</param>
internal sealed class MeasuredNetworks(ResolvedStudy study)
{
    private const int Shown = 12;

    private readonly Dictionary<string, CellAddress> _planned = new StudyPlan(study).Addresses();

    private readonly Dictionary<(ulong Seed, string Owner), (string Sha256, string Place)> _known =
        [];

    /// <summary>Adds the networks of some cells.</summary>
    /// <exception cref="RequestException">They are others than those before.</exception>
    public void Add(CellStore store, string place)
    {
        foreach (CellRecord cell in store.All.Where(c => _planned.ContainsKey(c.Key)))
        {
            CellAddress address = _planned[cell.Key];
            Add(cell.Seed, address.Target, cell.NetworkSha256, place);
            if (cell.SourceSha256 is { } source) Add(cell.Seed, address.Source, source, place);
        }
    }

    /// <summary>Adds a network that was trained now.</summary>
    /// <exception cref="RequestException">It is another than that before.</exception>
    public void Add(ulong seed, string target, string sha256, string place)
    {
        bool isOwn = study.Settings.Recipe.IsPerProfile;
        string owner = isOwn ? target : AccuracyCell.FloatTarget;
        if (_known.TryAdd((seed, owner), (sha256, place))) return;
        (string before, string there) = _known[(seed, owner)];
        if (before == sha256) return;
        throw new RequestException(
            $"{there} and {place} measured different networks ({(isOwn ? $"{owner}, " : "")}seed "
                + $"{seed}: SHA-256 {before[..Shown]}... and {sha256[..Shown]}...): machines differ"
                + " in how they train; train once and share it with --cache, or --overwrite");
    }
}
