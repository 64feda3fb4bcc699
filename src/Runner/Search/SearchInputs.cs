using QSim.Runner.Search.Measuring;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Searching;

namespace QSim.Runner.Search;

/// <summary>Everything that a search reads, read and checked before the first second of work.
/// </summary>
internal sealed class SearchInputs
{
    /// <summary>Reads everything.</summary>
    /// <param name="asked">The question, its sweep the free keys.</param>
    /// <param name="read">Reads the inputs of a study.</param>
    /// <exception cref="RequestException">Something does not fit together.</exception>
    public SearchInputs(StudySettings asked, Func<StudySettings, StudyInputs> read)
    {
        Plan = new(asked);
        Plan.CheckKeys(asked.Profiles[0]);
        Read = read;
        bool isAttacked = Plan.Metrics.Any(m => m.Kind is MetricKind.Worst or MetricKind.Proved);
        StudySettings one = asked with
        {
            Sweep = [],
            Search = null,
            Cost = null,
            Epsilons = isAttacked ? Plan.Epsilons : EpsilonList.Of([]),
            StopAtChance = false,
        };
        StudyInputs first = read(one);
        int left = first.TestImages - one.SkipImages;
        // Half of what there is, where nobody says how many: the front needs images of its own.
        int images = asked.IsImagesSaid
            ? asked.Images
            : Math.Max(1, Math.Min(asked.Images, left / 2));
        if (left <= images)
            throw new RequestException(
                $"images {images}: nothing is left to measure the front on, of "
                    + $"{first.TestImages} test images (supported: fewer images)");
        Inputs = read(one with { Images = images, IsImagesSaid = true });
        Settings = asked with { Images = images };
        HeldBack = read(one with
        {
            Cost = asked.Cost,
            Epsilons = asked.StopAtChance
                ? one.Epsilons
                : EpsilonList.Of([.. one.Epsilons, .. asked.Epsilons]),
            SkipImages = one.SkipImages + images,
            Images = Math.Min(asked.Search!.HeldBack, left - images),
            IsImagesSaid = true,
        });
        if (!isAttacked) Inputs = Inputs with { Attacks = [] };
        Rungs = Rung.Of(images, Inputs.Attacks);
        ResolvedStudy study = Inputs.Resolve();
        Question = new(
            SearchQuestion.Version,
            study with
            {
                // A search that may look at more designs goes on with the cells of one of fewer.
                Settings = Settings with
                {
                    CalibrationImages = Inputs.Settings.CalibrationImages,
                    Search = Settings.Search! with { Evaluations = 1 },
                },
            },
            HeldBack.Settings.Images);
    }

    /// <summary>What is looked for.</summary>
    public SearchPlan Plan { get; }

    /// <summary>What is asked, with as many images as the search sees.</summary>
    public StudySettings Settings { get; }

    /// <summary>The study of the search's images, with the start as its one profile.</summary>
    public StudyInputs Inputs { get; }

    /// <summary>The same on the images held back.</summary>
    public StudyInputs HeldBack { get; }

    /// <summary>What designs are measured on, all images last.</summary>
    public IReadOnlyList<Rung> Rungs { get; }

    /// <summary>What the search is known by.</summary>
    public SearchQuestion Question { get; }

    /// <summary>Reads the inputs of a study as the search's were.</summary>
    public Func<StudySettings, StudyInputs> Read { get; }
}
