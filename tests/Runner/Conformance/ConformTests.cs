using System.IO.Compression;
using QSim.Runner.Tests.CommandLine;

namespace QSim.Runner.Tests.Conformance;

/// <summary>
/// <c>qsim conform</c> on other tools' files, whole and damaged, through the real executable.
/// </summary>
public sealed class ConformTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("cast_ap.csv.gz", "cast", 55104, "ap fits")]
    [InlineData("cast_systemc.csv.gz", "cast", 55104, "systemc fits")]
    [InlineData("cast_ac.csv.gz", "cast", 4352, "no row tells")]
    [InlineData("mac_ap.jsonl.gz", "accumulation", 360, "4320 partial sums")]
    [InlineData("requant_gemmlowp.csv.gz", "requantization", 4000, "double rounding")]
    [InlineData("qnnpack_conv.npz", "convolution", 8900, "40 convolutions")]
    public void Conform_GoldenFileUnderAnotherName_AgreesInEveryRow(
        string file, string kind, int rows, string note)
    {
        string copy = _folder.File("results.bin");
        File.Copy(Golden(file), copy);

        Finished run = Qsim.RunIn(_folder.Path, "conform", "results.bin");

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.Matches($@"(?m)^results\.bin +{kind} +{rows} +0 +.*{note}", run.Out);
    }

    [SkippableTheory]
    [InlineData("cast_ap.csv.gz", ',', 7)]
    [InlineData("cast_systemc.csv.gz", ',', 3)]
    [InlineData("requant_gemmlowp.csv.gz", ',', 11)]
    public void Conform_DamagedResults_CountsAndShowsEveryOne(
        string file, char separator, int damaged)
    {
        string[] lines = Lines(Golden(file));
        for (int i = 1; i <= damaged; i++)
        {
            int at = lines[i * 97].LastIndexOf(separator) + 1;
            string last = lines[i * 97][at..];
            lines[i * 97] = lines[i * 97][..at] + (last == "1" ? "0" : "1");
        }

        File.WriteAllLines(_folder.File("damaged.csv"), lines);
        Finished run = Qsim.RunIn(_folder.Path, "conform", "--show", "2", "damaged.csv");

        Assert.Equal(1, run.ExitCode);
        Assert.Matches($@"(?m)^damaged\.csv +\w+ +{lines.Length - 1} +{damaged} ", run.Out);
        Assert.Equal(2, run.Out.Split('\n').Count(l => l.StartsWith("  damaged.csv:")));
        Assert.Contains("  damaged.csv:98: ", run.Out);
    }

    [SkippableFact]
    public void Conform_ColumnsInAnotherOrder_AgreesAllTheSame()
    {
        string[] lines = [.. Lines(Golden("cast_ac.csv.gz"))
            .Select(l => string.Join(" , ", l.Split(',').Reverse()) + "\r")];
        File.WriteAllLines(_folder.File("reversed.csv"), lines.Prepend("# dumped backwards"));

        Assert.Matches(
            @"(?m)^reversed\.csv +cast +4352 +0 ",
            Qsim.RunIn(_folder.Path, "conform", "reversed.csv").Out);
    }

    [SkippableFact]
    public void Conform_TheOtherDialect_Disagrees()
    {
        Finished run = Qsim.Run("conform", "--dialect", "ap", Golden("cast_systemc.csv.gz"));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("5343  dialect: ap, as you say", run.Out);
    }

    [SkippableFact]
    public void Conform_HalfInEachDialect_IsNoDialect()
    {
        string[] ap = Lines(Golden("cast_ap.csv.gz"));
        string[] systemC = Lines(Golden("cast_systemc.csv.gz"));
        File.WriteAllLines(
            _folder.File("mixed.csv"), ap.Select((line, i) => i % 2 == 0 ? line : systemC[i]));

        Finished run = Qsim.RunIn(_folder.Path, "conform", "mixed.csv");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("fits better", run.Out);
    }

    [SkippableFact]
    public void Conform_DialectColumn_IsFollowedRowByRow()
    {
        IEnumerable<string> rows = Lines(Golden("cast_ap.csv.gz")).Skip(1).Select(l => l + ",ap")
            .Concat(Lines(Golden("cast_systemc.csv.gz")).Skip(1).Select(l => l + ",systemc"));
        File.WriteAllLines(
            _folder.File("both.csv"),
            rows.Prepend(Lines(Golden("cast_ap.csv.gz"))[0] + ",dialect"));

        Assert.Matches(
            @"(?m)^both\.csv +cast +110208 +0 ",
            Qsim.RunIn(_folder.Path, "conform", "both.csv").Out);
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("a,b\n1,2\n", "these columns are of no kind")]
    [InlineData("accumulator,multiplier,right_shift,result\n", "there is nothing to replay")]
    [InlineData(
        "accumulator,multiplier,right_shift,result\n1,x,3,4\n",
        "bad:2:3: multiplier: 'x' is not a whole number")]
    [InlineData(
        "accumulator,\"multiplier\",right_shift,result\n\n\"1\", \"2,5\",3,4\n",
        "bad:3:6: multiplier: '2,5' is not a whole number")]
    [InlineData(
        "accumulator,multiplier,right_shift,result\n1,2,99,4\n",
        "bad:2:5: right_shift: 99 is not in -31..31")]
    [InlineData(
        "accumulator,multiplier,right_shift,result\n1,2,3\n",
        "bad:2:1: 3 fields where the header names 4")]
    [InlineData(
        "accumulator,multiplier,right_shift,result,left\n1,2,3,4,5\n",
        "bad:1:43: left: unknown column")]
    [InlineData("{\"x\": 1", "bad:1:8: this is not JSON")]
    [InlineData("{\"y\": 1}", "bad:1:2: y: unknown key")]
    [InlineData("{\"x\": {\"bits\": 99}}", "bad:1:1: signed: is missing")]
    public void Conform_FileThatCannotBeRead_SaysWhereAndWhy(string text, string message)
    {
        File.WriteAllText(_folder.File("bad"), text);

        Finished run = Qsim.RunIn(_folder.Path, "conform", "bad");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Out);
        Assert.Contains(message, run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [SkippableTheory]
    [InlineData("cast_ac.csv.gz")]
    [InlineData("qnnpack_conv.npz")]
    public void Conform_FileCutShort_IsRefused(string file)
    {
        byte[] bytes = File.ReadAllBytes(Golden(file));
        File.WriteAllBytes(_folder.File("cut"), bytes[..(bytes.Length / 2)]);

        Finished run = Qsim.RunIn(_folder.Path, "conform", "cut");

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("cut: ", run.Error);
    }

    private static string Golden(string name)
    {
        Skip.If(Shared.Folder is null, "no shared/golden beside this checkout");
        return Path.Combine(Shared.Folder!, "golden", name);
    }

    private static string[] Lines(string path)
    {
        using var reader = new StreamReader(
            new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
