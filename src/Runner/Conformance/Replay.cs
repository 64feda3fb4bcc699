using QSim.Simulator;
using QSim.Simulator.Files;

namespace QSim.Runner.Conformance;

/// <summary>
/// Replays results that other tools produced. What a file is follows from its content alone: an
/// npz, JSON lines, or the columns of its header.
/// </summary>
internal static class Replay
{
    /// <summary>Replays one file.</summary>
    /// <exception cref="InputException">
    /// The file is missing, broken, empty, or of no known kind.
    /// </exception>
    public static ReplayReport Run(string file, ReplayOptions options)
    {
        byte[] bytes = InputBytes.Read(file);
        ReplayReport report = bytes is [(byte)'P', (byte)'K', ..]
            ? ConvolutionReplay.Run(file, bytes, options)
            : RunText(file, Decode(file, bytes), options);
        return report.Rows > 0
            ? report
            : throw InputBytes.Error(file, "there is nothing to replay in it");
    }

    private static ReplayReport RunText(string file, string text, ReplayOptions options)
    {
        if (text.TrimStart('\uFEFF', ' ', '\r', '\n', '\t').StartsWith('{'))
            return MacReplay.Run(file, text, options);
        var table = new CsvTable(file, text);
        return Has(table, CastReplay.Columns, CastReplay.Optional)
                ? CastReplay.Run(file, table, options)
            : Has(table, RequantizationReplay.Columns, RequantizationReplay.Optional)
                ? RequantizationReplay.Run(file, table, options)
            : throw InputBytes.Error(
                file,
                table.HeaderLine,
                1,
                "these columns are of no kind that can be replayed: "
                    + $"{Shorten(string.Join(",", table.Columns))} (conversions need "
                    + $"{string.Join(",", CastReplay.Columns)}; requantizations need "
                    + $"{string.Join(",", RequantizationReplay.Columns)})");
    }

    /// <summary>
    /// True when every needed column is there; then a column too many is an error, for it may mean
    /// something.
    /// </summary>
    private static bool Has(CsvTable table, string[] needed, string[] optional)
    {
        if (!needed.All(table.Columns.Contains))
            return false;
        string? unknown = table.Columns.FirstOrDefault(c =>
            !needed.Contains(c) && !optional.Contains(c) && c != "id");
        return unknown is null
            ? true
            : throw table.Unknown(unknown, [.. needed, .. optional, "id"]);
    }

    private static string Decode(string file, byte[] bytes)
    {
        if (bytes.Length == 0) throw InputBytes.Error(file, "the file is empty");
        return InputFile.Text(bytes) is { } text && !text.Contains('\0')
            ? text
            : throw InputBytes.Error(file, "this is neither text nor an npz archive");
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..77] + "...";
}
