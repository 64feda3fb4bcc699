using System.Globalization;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Tests.Arithmetic;

/// <summary>
/// The table of rounding modes that people read is the one that the code computes.
/// </summary>
public sealed class ArithmeticDocumentTests
{
    [Fact]
    public void RoundingTable_OfTheDocument_IsWhatTheCodeGives()
    {
        string[] lines = File.ReadAllLines(
            Path.Combine(Repository(), "src", "Kernels", "ARITHMETIC.md"));
        string[][] rows =
        [
            .. lines
                .SkipWhile(l => !l.StartsWith("| name | C# name |", StringComparison.Ordinal))
                .TakeWhile(l => l.StartsWith('|'))
                .Select(l => l.Trim('|').Split('|', StringSplitOptions.TrimEntries)),
        ];
        double[] values =
        [
            .. rows[0][3..].Select(v => double.Parse(v, CultureInfo.InvariantCulture)),
        ];
        int checkedRows = 0;
        Assert.Equal(ModeNames.Roundings.Select(r => r.Name), rows[2..].Select(r => r[0]));
        foreach (string[] row in rows[2..].Where(r => r[0] != "STOCHASTIC"))
        {
            RoundingMode mode = ModeNames.Rounding(row[0]);
            Assert.Equal(mode.ToString(), row[1]);
            long[] expected =
            [
                .. values.Select(v => Rounding.ShiftRight((long)Math.Round(v * 1024), 10, mode)),
            ];
            Assert.Equal(
                expected, row[3..].Select(c => long.Parse(c, CultureInfo.InvariantCulture)));
            checkedRows++;
        }

        Assert.Equal(ModeNames.Roundings.Length - 1, checkedRows);
        Assert.Equal(8, values.Length);
    }

    private static string Repository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "QSim.sln")))
            folder = folder.Parent;
        return folder?.FullName
            ?? throw new InvalidOperationException("the tests do not run inside the repository");
    }
}
