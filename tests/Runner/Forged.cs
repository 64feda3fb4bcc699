using System.Text;
using QSim.Runner.Output;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Tests;

/// <summary>Files of a run that somebody changed on purpose: their checksums are right.</summary>
internal static class Forged
{
    /// <summary>The text of a <c>cells.jsonl</c> with every line changed.</summary>
    public static string Lines(string text, Func<string, string> change) => string.Concat(
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => Line(l, change) + "\n"));

    /// <summary>A document, changed.</summary>
    public static string Document(string text, Func<string, string> change)
    {
        string open = Encoding.UTF8.GetString(SealedJson.Open(Encoding.UTF8.GetBytes(text)));
        return Encoding.UTF8.GetString(SealedJson.Seal(Encoding.UTF8.GetBytes(change(open))));
    }

    /// <summary>One line, changed.</summary>
    public static string Line(string line, Func<string, string> change)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        string open = Encoding.UTF8.GetString(bytes[..CellLine.SealStart(bytes.Length)]);
        return Encoding.UTF8.GetString(CellLine.Seal(Encoding.UTF8.GetBytes(change(open))));
    }
}
