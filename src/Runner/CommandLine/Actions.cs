using System.CommandLine;

namespace QSim.Runner.CommandLine;

/// <summary>What commands do that can be stopped by Ctrl-C.</summary>
internal static class Actions
{
    /// <summary>Sets what a command does, and how it ends.</summary>
    public static void SetAction(
        this Command command, Func<ParseResult, CancellationToken, ExitCode> action) =>
        command.SetAction((parsed, cancellation) =>
            Task.FromResult((int)action(parsed, cancellation)));

    /// <summary>The same of what ends well or not at all.</summary>
    public static void SetAction(
        this Command command, Action<ParseResult, CancellationToken> action) =>
        command.SetAction((parsed, cancellation) =>
        {
            action(parsed, cancellation);
            return Task.CompletedTask;
        });
}
