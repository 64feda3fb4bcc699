using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Reports;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Reports.Text;
using QSim.Runner.Search;
using QSim.Runner.Search.Measuring;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Commands;

/// <summary>
/// Measures many designs for someone who watches, in a folder whose cells the same command goes on
/// from, however it ended.
/// </summary>
/// <typeparam name="TResults">What comes of it.</typeparam>
/// <param name="screen">Where they look.</param>
/// <param name="options">How; its folder is named.</param>
internal abstract class FolderSession<TResults>(Screen screen, SessionOptions options)
    where TResults : class
{
    /// <summary>Where they look.</summary>
    protected Screen Screen => screen;

    /// <summary>How.</summary>
    protected SessionOptions Options => options;

    protected SearchFolder Folder { get; } = new(options.OutputFolder!);

    /// <summary>What the folder is known by.</summary>
    protected abstract SearchQuestion Question { get; }

    /// <summary>Runs it; what was measured stays in the folder.</summary>
    public ExitCode Run(CancellationToken cancellation)
    {
        Folder.Check(Question, options.Overwrite);
        Check();
        if (options.IsDryRun)
        {
            foreach (string line in Plan()) screen.Line(line);
            return ExitCode.Done;
        }

        IReadOnlyList<string> made = NewFolder.Create(Folder.Path);
        try
        {
            return RunInFolder(cancellation);
        }
        finally
        {
            foreach (string folder in made) NewFolder.RemoveIfEmpty(folder);
        }
    }

    /// <summary>Refuses at once what could not be done in the end.</summary>
    protected virtual void Check()
    {
    }

    /// <summary>What would be done.</summary>
    protected abstract IEnumerable<string> Plan();

    /// <summary>Measures what the folder lacks.</summary>
    /// <exception cref="OperationCanceledException">The user stopped it.</exception>
    protected abstract TResults Measure(SearchCells cells);

    /// <summary>Writes what was found and shows it.</summary>
    /// <exception cref="OperationCanceledException">The user stopped it.</exception>
    protected abstract void Finish(TResults results, CancellationToken cancellation);

    /// <summary>Shows it: as JSON where that is asked for, else in words and a table.</summary>
    protected void Show(TResults results, IEnumerable<string> lead, Table table, string written)
    {
        if (options.PrintJson)
        {
            screen.Out.Write(Json.Of(results));
            return;
        }

        foreach (string line in lead.SelectMany(l => Words.Wrapped(l, 100))) screen.Line(line);
        screen.Line();
        foreach (TextTable text in TextTables.Of(table)) text.Write(screen);
        if (!screen.IsQuiet)
            screen.Note($"Written to {Folder.Path}: {ReportFiles.HtmlFile}, {written}");
    }

    private ExitCode RunInFolder(CancellationToken cancellation)
    {
        using CellStore store = CellStore.Open(
            Folder.Path, anew: options.Overwrite, note: screen.Note);
        Folder.Begin(Question, options.Overwrite);
        if (store.All.Count > 0)
            screen.Note($"{Folder.Path}: {store.All.Count} cells are measured, going on");
        using CancellationTokenSource limit = options.Limit(cancellation);
        try
        {
            TResults? results = null;
            ProgressDisplay.Run(
                screen,
                progress => results = Measure(new(
                    store, new ContentCache(Folder.Cache), options.Threads, progress,
                    limit.Token)));
            Finish(results!, limit.Token);
            return ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            screen.Error(
                (cancellation.IsCancellationRequested ? "interrupted" : "out of time")
                    + $"; what was measured is in {Folder.Path}; go on with: "
                    + options.ToGoOn(Folder.Path));
            return ExitCode.Interrupted;
        }
        catch (IOException e)
        {
            throw options.Kept(e, Folder.Path);
        }
        catch (Exception e) when (Failures.IsRefusal(e) && store.All.Count == 0)
        {
            Folder.Withdraw();
            throw;
        }
    }
}
