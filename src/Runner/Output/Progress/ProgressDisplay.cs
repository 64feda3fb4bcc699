using Spectre.Console;

namespace QSim.Runner.Output.Progress;

/// <summary>Chooses between bars and lines.</summary>
internal static class ProgressDisplay
{
    /// <summary>
    /// Does the work while showing how it gets on; no progress at all on a quiet screen.
    /// </summary>
    public static void Run(Screen screen, Action<IProgressSink> work)
    {
        if (screen.IsQuiet) work(Unseen.Progress);
        else if (!screen.ErrorIsTerminal) work(new PlainProgress(screen));
        else ShowBars(screen, work);
    }

    private static void ShowBars(Screen screen, Action<IProgressSink> work)
    {
        int Width() => screen.ErrorConsole.Profile.Width;
        screen.ErrorConsole.Progress().Columns(BarProgress.Columns(Width())).Start(context =>
        {
            var bars = new BarProgress(context, Width);
            work(bars);
            bars.Finish();
        });
    }
}
