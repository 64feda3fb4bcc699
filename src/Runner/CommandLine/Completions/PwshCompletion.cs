using System.Text;

namespace QSim.Runner.CommandLine.Completions;

/// <summary>Completion for PowerShell.</summary>
internal static class PwshCompletion
{
    /// <summary>The script.</summary>
    public static string Write(IReadOnlyList<TypedCommand> commands)
    {
        var text = new StringBuilder("""
            # PowerShell completion:  qsim completions pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName qsim -ScriptBlock {
              param($wordToComplete, $commandAst, $cursorPosition)
              $words = @{

            """.ReplaceLineEndings("\n"));
        foreach (TypedCommand command in commands)
            Append(text, command.Path, [
                .. command.Subcommands.Select(c => (c.Name, c.Description ?? "")),
                .. command.Arguments.Words.Select(w => (w, w)),
                .. command.Options.SelectMany(o => o.Names.Select(n => (n, o.Description))),
            ]);
        text.Append("  }\n  $values = @{\n");
        foreach (TypedCommand command in commands)
            foreach (TypedOption option in command.Options.Where(o => o.Value?.Words.Count > 0))
                Append(
                    text, $"{command.Path} {option.Names[0]}",
                    [.. option.Value!.Words.Select(w => (w, w))]);
        return text.Append("""
              }
              $command = 'qsim'
              $before = $null
              foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
                if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete) { break }
                $before = "$element"
                if ($words.ContainsKey("$command $before")) { $command = "$command $before" }
              }
              $list = $values["$command $before"]
              if (-not $list) { $list = $words[$command] }
              $kept = $wordToComplete -replace '[^,]*$', ''
              $last = $wordToComplete -replace '^.*,', ''
              foreach ($word in $list.Keys) {
                if ($word -like "$last*") {
                  [System.Management.Automation.CompletionResult]::new(
                    "$kept$word", $word, 'ParameterValue', $list[$word])
                }
              }
            }

            """.ReplaceLineEndings("\n")).ToString();
    }

    private static void Append(
        StringBuilder text, string key, IReadOnlyList<(string Word, string Description)> words)
    {
        text.Append($"    {Quoted(key)} = [ordered]@{{\n");
        foreach ((string word, string description) in words.DistinctBy(w => w.Word))
            text.Append($"      {Quoted(word)} = ")
                .Append(Quoted(CommandTree.FirstSentence(description))).Append('\n');
        text.Append("    }\n");
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "''")}'";
}
