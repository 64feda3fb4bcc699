using Spectre.Console;

namespace QSim.Runner.Output.Progress;

/// <summary>A bar per stage on a terminal.</summary>
internal sealed class BarProgress(ProgressContext context) : IProgressSink
{
    private ProgressTask? _task;
    private string _stage = "";

    /// <summary>The bar's columns: what, how far, how long.</summary>
    public static ProgressColumn[] Columns =>
    [
        new TaskDescriptionColumn { Alignment = Justify.Left },
        new ProgressBarColumn { Width = 24 },
        new PercentageColumn(),
        new ElapsedTimeColumn(),
    ];

    /// <inheritdoc/>
    public void Begin(string stage)
    {
        Finish();
        _stage = Markup.Escape(Untrusted.Line(stage));
        _task = context.AddTask(_stage, maxValue: 1);
    }

    /// <inheritdoc/>
    public void Report(double share, string detail)
    {
        if (_task is null) return;
        _task.Value = share;
        _task.Description = $"{_stage} [grey]{Markup.Escape(Untrusted.Line(detail))}[/]";
    }

    /// <summary>The last stage is done.</summary>
    public void Finish()
    {
        if (_task is null) return;
        _task.Description = _stage;
        _task.Value = 1;
        _task.StopTask();
    }
}
