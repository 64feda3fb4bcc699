using Spectre.Console;

namespace QSim.Runner.Output.Progress;

/// <summary>
/// A bar per stage on a terminal. What is said before it is cut to what the terminal is wide: a
/// longer text would push the bar out of it and write the clock downwards.
/// </summary>
/// <param name="context">Where tasks are added.</param>
/// <param name="width">Columns of the terminal, asked anew each time.</param>
internal sealed class BarProgress(ProgressContext context, Func<int> width) : IProgressSink
{
    private const int Narrow = 100;
    private const int LongestRest = 4 + 8;
    private ProgressTask? _task;
    private string _stage = "";

    /// <summary>The bar's columns: what, how far, how long.</summary>
    public static ProgressColumn[] Columns(int width) =>
    [
        new TaskDescriptionColumn { Alignment = Justify.Left },
        new ProgressBarColumn { Width = BarWidth(width) },
        new PercentageColumn(),
        new ElapsedTimeColumn(),
    ];

    /// <inheritdoc/>
    public void Begin(string stage)
    {
        Finish();
        _stage = Untrusted.Line(stage);
        _task = context.AddTask(Described(""), maxValue: 1);
    }

    /// <inheritdoc/>
    public void Report(double share, string detail)
    {
        if (_task is null) return;
        _task.Value = share;
        _task.Description = Described(Untrusted.Line(detail));
    }

    /// <summary>The last stage is done.</summary>
    public void Finish()
    {
        if (_task is null) return;
        _task.Description = Described("");
        _task.Value = 1;
        _task.StopTask();
    }

    private static int BarWidth(int width) => width < Narrow ? 10 : 24;

    private string Described(string detail)
    {
        // A space behind each of the four columns, and the last one of the terminal is left free.
        int room = Math.Max(10, width() - BarWidth(width()) - LongestRest - 5);
        int forStage = detail.Length == 0 ? room : Math.Max(room / 2, room - detail.Length - 1);
        string stage = Cut(_stage, forStage);
        int left = room - stage.Length - 1;
        return left < 4 || detail.Length == 0
            ? Markup.Escape(stage)
            : $"{Markup.Escape(stage)} [grey]{Markup.Escape(Cut(detail, left))}[/]";
    }

    private static string Cut(string text, int length) =>
        text.Length <= length ? text : text[..(length - 3)] + "...";
}
