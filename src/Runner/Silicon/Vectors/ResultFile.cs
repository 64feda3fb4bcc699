using System.Globalization;
using QSim.Runner.Conformance;
using QSim.Simulator;
using QSim.Simulator.Files;

namespace QSim.Runner.Silicon.Vectors;

/// <summary>What a simulation wrote of one register: hex, or CSV.</summary>
/// <param name="file">The file.</param>
/// <param name="entry">The register's array.</param>
/// <param name="images">Indices of the images in their dataset.</param>
internal sealed class ResultFile(string file, VectorEntry entry, IReadOnlyList<int> images)
{
    private readonly int _length = entry.Length;
    private readonly Dictionary<int, int> _images = images.Index()
        .ToDictionary(i => i.Item, i => i.Index);

    /// <summary>Reads it.</summary>
    /// <exception cref="InputException">It is of another layout.</exception>
    public FoundRegister Read()
    {
        string text = InputFile.Text(InputBytes.Read(file))
            ?? throw InputBytes.Error(file, "this is not text");
        return file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? Csv(text) : Hex(text);
    }

    /// <summary>
    /// One value a line, comments and addresses as <c>$readmemh</c> takes them. Without addresses
    /// every value has to be there.
    /// </summary>
    private FoundRegister Hex(string text)
    {
        var found = new FoundRegister(new long[_length], new byte[_length]);
        bool hasAddress = false;
        int at = 0, number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            string words = line.Split("//")[0];
            foreach (string word in words.Split(
                (char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries))
            {
                if (word[0] == '@')
                {
                    hasAddress = true;
                    at = Address(word, number);
                    continue;
                }

                if (at >= _length)
                    throw Error(number, $"more than {_length} values, which '{entry.Name}' has");
                (found.Values[at], found.Marks![at]) = Value(word, number);
                at++;
            }
        }

        return hasAddress || at == _length
            ? found
            : throw Error(number, $"{at} values where '{entry.Name}' has {_length}");
    }

    private int Address(string word, int line) =>
        int.TryParse(
            word.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
            out int at) && at >= 0 && at < _length
            ? at
            : throw Error(line, $"'{Brief.Name(word)}' is not an address in @0..@{_length - 1:x}");

    /// <summary>Two's complement of the register's width, or of as many digits.</summary>
    private (long Value, byte Mark) Value(string word, int line)
    {
        string digits = word.Replace("_", "");
        if (digits.Length > 0 && digits.All(c => char.IsAsciiHexDigit(c) || "xXzZ".Contains(c))
            && digits.Any("xXzZ".Contains))
            return (0, FoundRegister.Unknown);
        if (!ulong.TryParse(
            digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits))
            throw Error(line, $"'{Brief.Name(word)}' is not a hexadecimal number of 64 bits");
        if (!entry.IsSigned) return ((long)bits, FoundRegister.Given);
        int width = bits >> (entry.Bits - 1) >> 1 == 0
            ? entry.Bits
            : Math.Min(64, digits.Length * 4);
        return ((long)(bits << (64 - width)) >> (64 - width), FoundRegister.Given);
    }

    /// <summary>Rows in any order; what is not there is not compared.</summary>
    private FoundRegister Csv(string text)
    {
        var found = new FoundRegister(new long[_length], new byte[_length]);
        var table = new CsvTable(file, text);
        string[] columns = [.. entry.Axes, "value"];
        foreach (string column in table.Columns.Where(c => !columns.Contains(c)))
            throw table.Unknown(column, columns);
        foreach (string column in columns.Where(c => !table.Columns.Contains(c)))
            throw Error(table.HeaderLine, $"there is no column '{column}'");
        foreach (CsvRow row in table.Rows())
        {
            int at = 0;
            for (int axis = 0; axis < entry.Axes.Count; axis++)
                at = (at * entry.Shape[axis]) + Index(row, axis);
            if (found.Marks![at] != FoundRegister.Absent)
                throw row.Error("value", "this value is there twice");
            bool isUnknown = row["value"].Length > 0 && row["value"].All("xXzZ".Contains);
            found.Values[at] = isUnknown ? 0 : row.Integer("value");
            found.Marks[at] = isUnknown ? FoundRegister.Unknown : FoundRegister.Given;
        }

        return found;
    }

    private int Index(CsvRow row, int axis)
    {
        string name = entry.Axes[axis];
        if (axis > 0) return (int)row.Integer(name, 0, entry.Shape[axis] - 1);
        return _images.TryGetValue((int)row.Integer(name, 0, int.MaxValue), out int at)
            ? at
            : throw row.Error(
                name, $"image {row[name]} is not in these vectors ({Brief.List(images)})");
    }

    private InputException Error(int line, string message) =>
        InputBytes.Error(file, line, 1, message);
}
