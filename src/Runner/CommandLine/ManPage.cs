using System.Text;
using QSim.Runner.CommandLine.Completions;

namespace QSim.Runner.CommandLine;

/// <summary>The manual page <c>qsim(1)</c>, of what help says.</summary>
internal static class ManPage
{
    /// <summary>The page, in the macros of man(7).</summary>
    /// <param name="commands">Every command, the root first.</param>
    /// <param name="version">The version of QSim.</param>
    public static string Write(IReadOnlyList<TypedCommand> commands, string version)
    {
        TypedCommand root = commands[0];
        var page = new StringBuilder()
            .Append($".TH QSIM 1 \"\" \"QSim {Plain(version)}\" \"User Commands\"\n.SH NAME\n")
            .Append("qsim \\- a network on exactly the bits of an accelerator, under attack\n")
            .Append(".SH SYNOPSIS\n.B qsim\n[\\fIcommand\\fR] [\\fIoptions\\fR]\n")
            .Append($".SH DESCRIPTION\n{Plain(root.Description)}\n.SH COMMANDS\n");
        foreach (TypedCommand command in commands.Skip(1)) Append(page, command);
        page.Append(".SH OPTIONS\n");
        Append(page, root.Options);
        if (root.Examples is { } examples) page.Append(".SH EXAMPLES\n").Append(AsItIs(examples));
        return page.ToString();
    }

    private static void Append(StringBuilder page, TypedCommand command)
    {
        string arguments = string.Concat(command.Command.Arguments.Select(
            a => $" \\fI{Plain(a.Name)}\\fR{(a.Arity.MaximumNumberOfValues > 1 ? "..." : "")}"));
        page.Append($".SS {Plain(command.Path)}{arguments}\n{Plain(command.Description)}\n");
        foreach (var argument in command.Command.Arguments)
            page.Append($".TP\n\\fI{Plain(argument.Name)}\\fR\n")
                .Append($"{Plain(argument.Description ?? "")}\n");
        Append(page, command.Options);
        if (command.Examples is { } examples) page.Append(".PP\n").Append(AsItIs(examples));
    }

    private static void Append(StringBuilder page, IEnumerable<TypedOption> options)
    {
        foreach (TypedOption option in options)
        {
            string value = option.Value is null ? ""
                : $" \\fI{Plain(option.HelpName.Length > 0 ? option.HelpName : "value")}\\fR";
            page.Append(".TP\n")
                .AppendJoin(", ", option.Names.Select(n => $"\\fB{Plain(n)}\\fR"))
                .Append($"{value}\n{Plain(option.Description)}\n");
        }
    }

    private static string AsItIs(string text) =>
        $".nf\n{string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(Plain))}\n.fi\n";

    // A line that begins with a dot or a quote is a request; a dash is a hyphen unless escaped.
    private static string Plain(string text)
    {
        string escaped = text.Replace("\\", "\\e").Replace("-", "\\-");
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? $"\\&{escaped}" : escaped;
    }
}
