using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using QSim.Runner.Output;
using QSim.Simulator;
using QSim.Simulator.Files;

namespace QSim.Runner.Silicon.Costs;

/// <summary>A Liberty file.</summary>
/// <param name="File">Its absolute path.</param>
/// <param name="Name">What it calls itself.</param>
/// <param name="Sha256">Its content.</param>
/// <param name="IsShipped">Whether it is Debian's, which the fitted model is of.</param>
internal sealed partial record CellLibrary(string File, string Name, string Sha256, bool IsShipped)
{
    private const int MostBytes = 1 << 29;

    /// <summary>Where Debian's qflow-tech-osu018 has its cells.</summary>
    private const string Shipped = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

    /// <summary>Reads a library's name and content.</summary>
    /// <param name="file">The user's; null for Debian's, which may be missing.</param>
    /// <exception cref="RequestException">It is missing or is something else.</exception>
    public static CellLibrary? Open(string? file)
    {
        if (file?.Trim().Length == 0)
            throw new RequestException("--liberty is empty: name a Liberty file");
        if (file is null && !System.IO.File.Exists(Shipped)) return null;
        string path = Path.GetFullPath(file ?? Shipped);
        if (path.Any(c => c is '{' or '}' or '"' or '\\' or ';' || char.IsControl(c)))
            throw new RequestException(
                $"{file}: Yosys and OpenSTA cannot read a path with braces, quotes, backslashes or "
                    + "semicolons");
        byte[] bytes;
        try
        {
            bytes = InputFile.Read(path, MostBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException($"{file}: {e.Message}");
        }

        string text = Encoding.Latin1.GetString(bytes);
        Match name = LibraryName().Match(text);
        if (name.Success && !FlipFlop().IsMatch(text))
            throw new RequestException(
                $"{file}: has no flip-flop (a cell with a group 'ff'), which accumulators "
                    + "need (--liberty)");
        return name.Success
            ? new(
                path, Brief.Name(Untrusted.Line(name.Groups[1].Value)),
                Convert.ToHexStringLower(SHA256.HashData(bytes)), file is null)
            : throw new RequestException(
                $"{file}: no 'library (NAME) {{' in it, so it is something else than a Liberty "
                    + "file (--liberty)");
    }

    [GeneratedRegex(@"^\s*ff(?:_bank)?\s*\(", RegexOptions.Multiline)]
    private static partial Regex FlipFlop();

    [GeneratedRegex(@"^\s*library\s*\(\s*""?([^)""]+?)""?\s*\)\s*\{", RegexOptions.Multiline)]
    private static partial Regex LibraryName();
}
