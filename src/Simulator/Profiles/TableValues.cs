using System.Collections.Immutable;
using System.Globalization;
using QSim.Simulator.Files;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Profiles;

/// <summary>
/// A user's own table: numbers in the profile, or in a CSV file that it names. Reading a profile
/// puts a file's numbers in the place of its name, so that whatever is made from the profile
/// carries them along.
/// </summary>
internal static class TableValues
{
    /// <summary>The word for entries that follow from the function.</summary>
    public const string Computed = "computed";

    public const int MaxEntries = 65536;
    private const int MaxFileBytes = 4 << 20;

    /// <summary>
    /// The profile with the numbers of every CSV file that a table names, and the files read.
    /// </summary>
    /// <exception cref="InputException">
    /// A file cannot be read, or holds something that is no number.
    /// </exception>
    public static MapNode Inline(MapNode root, ProfileText profile, List<ProfileText> files)
    {
        MapNode inlined = InlineStage(root, profile, files);
        if (inlined["layers"] is not ListNode layers)
            return inlined;
        return inlined.With(
            "layers",
            layers with
            {
                Items =
                [
                    .. layers.Items.Select(l =>
                        l is MapNode map ? InlineStage(map, profile, files) : l),
                ],
            });
    }

    /// <summary>The numbers, or null with the reason.</summary>
    public static ImmutableArray<double>? Parse(string text, out string? error)
    {
        var values = ImmutableArray.CreateBuilder<double>();
        foreach (string word
            in text.Split([' ', ',', ';', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (Number(word) is not { } value)
            {
                error =
                    $"'{word}' is not a number (supported: a CSV file of numbers beside the "
                        + "profile, or the numbers)";
                return null;
            }

            values.Add(value);
        }

        error = null;
        return values.ToImmutable();
    }

    private static MapNode InlineStage(MapNode stages, ProfileText profile, List<ProfileText> files)
    {
        if (stages["table"] is not MapNode table || table["values"] is not ScalarNode values)
            return stages;
        if (values.Text == Computed || Parse(values.Text, out _) is not null)
            return stages;
        ProfileText file = ProfileFiles.OpenBeside(values, profile, MaxFileBytes);
        files.Add(file);
        return stages.With("table", table.With("values", values with { Text = Numbers(file) }));
    }

    /// <summary>
    /// One number or more a line; empty lines and lines that begin with # are passed over.
    /// </summary>
    private static string Numbers(ProfileText file)
    {
        var words = new List<string>();
        string text = InputFile.Text(file.Bytes) ?? throw new InputException(
            InputError.InBinary(file.Name, "the file is neither UTF-8 nor UTF-16 text"));
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].TrimStart().StartsWith('#')) continue;
            int column = 1;
            foreach (string field in lines[i].Split(',', ';'))
            {
                string word = field.Trim();
                int at = column + field.Length - field.TrimStart().Length;
                if (word.Length > 0 && Number(word) is null)
                    throw new InputException(
                        new InputError(file.Name, i + 1, at, "", $"'{word}' is not a number"));
                if (word.Length > 0)
                    words.Add(word);
                column += field.Length + 1;
            }
        }

        return words.Count is > 0 and <= MaxEntries
            ? string.Join(' ', words)
            : throw new InputException(new InputError(
                file.Name, 1, 1, "", $"holds {words.Count} numbers (supported: 1..{MaxEntries})"));
    }

    private static double? Number(string word) =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
        && double.IsFinite(value) ? value : null;
}
