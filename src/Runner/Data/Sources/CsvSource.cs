using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using QSim.Runner.Data.Pixels;
using QSim.Simulator;

namespace QSim.Runner.Data.Sources;

/// <summary>
/// A dataset of the user's own as a CSV file of <c>file,label</c>, with PNG files beside it, and a
/// column <c>split</c> (train or test) where there are images to train or calibrate on. Labels are
/// whole numbers from 0, or names, which are numbered in the order of their characters.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="geometry">What is done to each image.</param>
internal sealed class CsvSource(string path, ImageGeometry geometry) : IDatasetSource
{
    private const int MostClasses = 10_000;

    private const string FileColumn = "file", LabelColumn = "label", SplitColumn = "split";

    private static readonly string[] Known = [FileColumn, LabelColumn, SplitColumn];

    private static readonly CsvConfiguration Format = new(CultureInfo.InvariantCulture)
    {
        TrimOptions = TrimOptions.Trim,
        IgnoreBlankLines = true,
        BadDataFound = null,
    };

    /// <inheritdoc/>
    public string Name => path;

    /// <inheritdoc/>
    public string Description => "PNG images that a CSV file names";

    /// <inheritdoc/>
    public string HowToGet => "lines of file,label under such a header, PNG files beside it";

    /// <inheritdoc/>
    public string? Locate(DataFolders folders) => File.Exists(path) ? path : null;

    /// <inheritdoc/>
    public Dataset Load(DataFolders folders)
    {
        byte[] bytes = DataBytes.Read(path);
        Row[] rows = [.. Rows(bytes)];
        if (rows.Length == 0) throw new RequestException($"{path}: has no rows ({HowToGet})");
        string[] names = Names(rows);
        int[] labels = [.. rows.Select(r => names.Length > 0
            ? Array.IndexOf(names, r.Label)
            : int.Parse(r.Label, CultureInfo.InvariantCulture))];
        if (labels.Max() < 1)
            throw new RequestException(
                $"{path}: every label is {rows[0].Label}, and classification needs at least two "
                    + "classes");
        List<byte[]> content = [.. PngSet.Start(geometry), bytes];
        ILookup<bool, (string, string, int)> parts = rows.Zip(labels).ToLookup(
            r => r.First.IsTest,
            r => (Beside(r.First.File), r.First.File, r.Second));
        if (!parts[true].Any()) throw new RequestException($"{path}: no row's split is test");
        ImageSet test = PngSet.Read([.. parts[true]], geometry, null, content);
        bool isOne = !parts[false].Any();
        return new(
            Path.GetFileNameWithoutExtension(path), labels.Max() + 1,
            isOne ? test : PngSet.Read([.. parts[false]], geometry, test.Shape, content), test,
            Digest.OfAll(content))
        {
            ClassNames = names,
            WhatSays = least => Array.FindIndex(labels, l => l >= least) is var row and >= 0
                ? $"{path}:{rows[row].Line}: label {Brief.Name(rows[row].Label)}"
                    + (names.Length > 0 ? $" is class {labels[row]} of {names.Length}" : "")
                : null,
            IsOneSet = isOne,
        };
    }

    private string Beside(string file) => Path.Combine(Path.GetDirectoryName(path) ?? "", file);

    /// <summary>Names of classes in order; none where all labels are numbers.</summary>
    private string[] Names(Row[] rows)
    {
        bool IsNumber(Row row) => int.TryParse(
            row.Label, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
        if (!rows.All(IsNumber))
            return [.. rows.Select(r => r.Label).Distinct().Order(StringComparer.Ordinal)];
        Row? bad = rows.FirstOrDefault(
            r => int.Parse(r.Label, CultureInfo.InvariantCulture) is < 0 or >= MostClasses);
        return bad is null
            ? []
            : throw Bad(bad.Line, $"label {bad.Label} (supported: 0..{MostClasses - 1}, or names)");
    }

    private IEnumerable<Row> Rows(byte[] bytes)
    {
        using var csv = new CsvReader(new StreamReader(new MemoryStream(bytes)), Format);
        if (!csv.Read()) throw new RequestException($"{path}: is empty ({HowToGet})");
        string[] header = [.. csv.Parser.Record!];
        if (!header.Contains(FileColumn) || !header.Contains(LabelColumn)
            || header.Except(Known).Any() || header.Distinct().Count() < header.Length)
            throw Bad(
                csv.Parser.RawRow, $"the header is {Brief.List(header)} (supported: file, label "
                    + "and, for images to train or calibrate on, split)");
        string Of(string column) => csv.Parser.Record![Array.IndexOf(header, column)];
        while (csv.Read())
        {
            int line = csv.Parser.RawRow, fields = csv.Parser.Record!.Length;
            if (fields != header.Length)
                throw Bad(line, $"{fields} fields where the header names {header.Length}");
            if (Of(FileColumn).Length == 0 || Of(LabelColumn).Length == 0)
                throw Bad(line, "no file or no label");
            string split = header.Contains(SplitColumn) ? Of(SplitColumn) : "test";
            yield return split is "train" or "test"
                ? new(line, Of(FileColumn), Of(LabelColumn), split == "test")
                : throw Bad(line, $"split '{Brief.Name(split)}' (supported: train, test)");
        }
    }

    private RequestException Bad(int line, string what) => new($"{path}:{line}: {what}");

    private sealed record Row(int Line, string File, string Label, bool IsTest);
}
