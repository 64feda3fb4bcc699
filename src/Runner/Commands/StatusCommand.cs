using System.CommandLine;
using System.Globalization;
using QSim.Runner.Cluster;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Studies;
using TaskStatus = QSim.Runner.Cluster.TaskStatus;

namespace QSim.Runner.Commands;

/// <summary><c>qsim status</c>: how far a submitted run is.</summary>
internal static class StatusCommand
{
    private const string ExampleText = """
          qsim status runs/study                  tasks and cells: done, running, failed, time left
          qsim status runs/study --json | jq .seconds_left
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var folder = new Argument<string>("run")
        {
            Description = "The folder of a run that 'qsim submit' began.",
        };
        var json = new Option<bool>("--json") { Description = "Print it for another program." };
        var command = new Command(
            "status", "Show how far a submitted run is: cells done, running, failed, time left.")
        {
            folder, json,
        };
        Examples.AddTo(command, ExampleText);
        command.SetAction(parsed =>
        {
            SubmittedRun run = SubmittedRun.Read(parsed.GetRequiredValue(folder));
            RunStatus status = RunStatus.Of(run, screen.Note);
            if (parsed.GetValue(json)) screen.Out.Write(Json.Of(status));
            else Show(screen, status);
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static void Show(Screen screen, RunStatus status)
    {
        string left = status.SecondsLeft is { } seconds
            ? $", about {RemainingTime.InWords(TimeSpan.FromSeconds(seconds))} left"
            : "";
        screen.Line(
            $"{status.Study}: {status.CellsDone} of {status.Cells} cells"
                + (status.Finished ? ", finished" : left));
        new TextTable(
            ["tasks", "", "cells", "which", "last said"],
            [
                .. from state in status.Tasks.GroupBy(t => t.State).OrderBy(s => s.Key)
                   from tasks in Alike([.. state])
                   select (string[])
                   [
                       EnumWord.Of(state.Key),
                       Text(tasks.Length),
                       $"{Text(tasks.Sum(t => t.CellsDone))}/{Text(tasks.Sum(t => t.Cells))}",
                       Short(TaskNumbers.Write(tasks.Select(t => t.Number))),
                       tasks[0].Detail ?? "",
                   ],
            ])
        {
            RightAligned = new HashSet<int> { 1, 2 },
        }.Write(screen);
        if (!status.Finished && status.Tasks.All(t => t.State == TaskState.Done))
            screen.Line(
                "every cell is measured; what makes the report: "
                    + ShellLine.Of("qsim", "work", status.Run, "--finish"));
    }

    /// <summary>
    /// Tasks by what they last said: a row each of the commonest, the rest in one, with the word of
    /// its first.
    /// </summary>
    private static IEnumerable<TaskStatus[]> Alike(IReadOnlyList<TaskStatus> tasks)
    {
        const int Most = 8;
        TaskStatus[][] groups =
        [
            .. tasks.GroupBy(t => t.Detail).Select(g => g.ToArray())
                .OrderByDescending(g => g.Length),
        ];
        TaskStatus[] rest = [.. groups.Skip(Most).SelectMany(g => g).OrderBy(t => t.Number)];
        return rest.Length == 0 ? groups : groups.Take(Most).Append(rest);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Cut to what a line has room for.</summary>
    private static string Short(string text)
    {
        const int Most = 30;
        return text.Length <= Most ? text : text[..(Most - 3)] + "...";
    }
}
