using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using QSim.Runner.CommandLine;
using QSim.Runner.Commands;
using QSim.Runner.Output;
using QSim.Simulator;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner;

/// <summary>The command <c>qsim</c>: parse, run, one exit code.</summary>
internal static class Cli
{
    private const string Description =
        "QSim runs a trained network on exactly the bits of an accelerator, attacks it with "
            + "adversarial images, and reports how the hardware-faithful network resists. Without "
            + "arguments it runs the quickstart: the same as 'qsim run'.";

    /// <summary>Runs one command line; never throws.</summary>
    public static async Task<int> RunAsync(string[] args, Screen screen)
    {
        try
        {
            ParseResult parsed = CreateRoot(screen).Parse(args.Length == 0 ? ["run"] : args);
            string? misread = Misread(parsed, args);
            if (parsed.Errors.Count > 0 || misread is not null)
                return (int)ReportUsage(parsed, misread, screen);
            screen.IsQuiet = CommonOptions.IsQuiet(parsed);
            using var interruption = new Interruption(screen);
            var invocation = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = screen.Out,
                Error = screen.Err,
            };
            return await parsed.InvokeAsync(invocation, interruption.Token);
        }
        catch (Exception exception)
        {
            return (int)Failures.Report(exception, screen);
        }
    }

    private static RootCommand CreateRoot(Screen screen)
    {
        var root = new RootCommand(Description);
        foreach (Command command in CommandList.Create(screen)) root.Add(command);
        Examples.AddTo(root, Examples.OfRoot);
        return root;
    }

    private static ExitCode ReportUsage(ParseResult parsed, string? misread, Screen screen)
    {
        string path = PathOf(parsed.CommandResult);
        screen.Error($"{Brief.Message(ErrorOf(parsed, misread))} (see '{path} --help')");
        return ExitCode.UsageError;
    }

    /// <summary>
    /// An option that nobody knows and that was therefore taken for an argument, or for the value
    /// of the option before it; not one behind '=', as in --sbatch=--constraint=a100.
    /// </summary>
    private static string? Misread(ParseResult parsed, string[] args) =>
        parsed.CommandResult.Tokens
            .Concat(parsed.CommandResult.Children.SelectMany(c => c.Tokens))
            .Select(t => t.Value)
            .FirstOrDefault(t => IsOption(t)
                && !Array.Exists(args, a => a.EndsWith($"={t}", StringComparison.Ordinal)));

    private static bool IsOption(string token) =>
        token.StartsWith("--", StringComparison.Ordinal)
        || (token.Length > 1 && token[0] == '-' && char.IsAsciiLetter(token[1]));

    private static string ErrorOf(ParseResult parsed, string? misread)
    {
        if ((misread ?? parsed.UnmatchedTokens.FirstOrDefault()) is not { } token)
            return InWords(parsed.Errors[0].Message);
        Command command = parsed.CommandResult.Command;
        IEnumerable<string> known = token.StartsWith('-')
            ? command.Options.SelectMany(o => o.Aliases.Append(o.Name))
            : command.Subcommands.Select(c => c.Name);
        string? nearest = Suggestion.Nearest(token, known);
        string hint =
            nearest is not null ? $", did you mean '{nearest}'?"
            : ListOptions.Before(token, parsed) is { } list ? ListOptions.About(list)
            : "";
        return $"unknown {(token.StartsWith('-') ? "option" : "command or argument")} "
            + $"'{token}'{hint}";
    }

    /// <summary>The library's message without the names of .NET types.</summary>
    private static string InWords(string message) => Regex.Replace(
        message.TrimEnd('.').ReplaceLineEndings(" "),
        @" as expected type '(?<type>.*)'$",
        match => match.Groups["type"].Value switch
        {
            var t when t.Contains("UInt") => ": it is not a whole number from 0",
            var t when t.Contains("Int") => ": it is not a whole number that fits",
            _ => "",
        });

    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : "qsim";
}
