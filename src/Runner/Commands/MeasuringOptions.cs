using System.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Studies;

namespace QSim.Runner.Commands;

/// <summary>The options of commands that measure a study: what, on what, and how.</summary>
internal sealed class MeasuringOptions
{
    private readonly Option<string?> _backend = CommonOptions.Backend();
    private readonly Option<string?> _gradients = CommonOptions.Gradients();
    private readonly Option<int> _threads = CommonOptions.Threads();
    private readonly Option<string?> _folder = CommonOptions.DataFolder();
    private readonly SessionOptionList _session = new();

    /// <summary>What is measured.</summary>
    public StudyOptions Study { get; } = new();

    /// <summary>Gives a command all of them.</summary>
    public void AddTo(Command command) => AddTo(command, _session.All);

    /// <summary>Gives a command those that a search has, but for some.</summary>
    public void AddSearchTo(Command command, params string[] without) =>
        AddTo(command, _session.OfSearch, without);

    /// <summary>Reads a study's inputs as the command line says.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="settings">The study.</param>
    /// <param name="engine">The gradient engine where the command line names none.</param>
    public StudyInputs Read(
        ParseResult parsed, StudySettings settings, string? engine = null) => StudyInputs.Read(
            settings, DataFolders.Resolve(parsed.GetValue(_folder)), parsed.GetValue(_backend),
            parsed.GetValue(_gradients) ?? engine ?? StudyInputs.Auto);

    /// <summary>How it is run.</summary>
    /// <exception cref="RequestException">A value is impossible.</exception>
    public SessionOptions Session(ParseResult parsed) => _session.Read(parsed) with
    {
        Threads = CommonOptions.Checked(parsed.GetValue(_threads)),
    };

    private void AddTo(Command command, IEnumerable<Option> session, params string[] without)
    {
        Option[] own = [_backend, _gradients, _threads, _folder];
        foreach (Option option in Study.All.Concat(own).Concat(session))
            if (!without.Contains(option.Name)) command.Add(option);
    }
}
