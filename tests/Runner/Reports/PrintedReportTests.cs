using System.Diagnostics;
using System.Text.RegularExpressions;
using QSim.Runner.Output;
using QSim.Runner.Tests.CommandLine;

namespace QSim.Runner.Tests.Reports;

/// <summary>A report on paper, as Chromium prints it.</summary>
public partial class PrintedReportTests
{
    [SkippableFact]
    public void LongTables_HaveTheirHeadOnEachPage_AndWideOnesAllColumns()
    {
        string? chromium = Programs.Find("chromium"), reader = Programs.Find("pdftotext");
        Skip.If(chromium is null || reader is null, "no chromium, or no pdftotext (poppler-utils)");
        using var folder = new TemporaryFolder();
        string[] profiles =
        [
            "int8-wide", "hls4ml-default", "tflite-int8", "edge-tpu", "dpu-int8", "finn-w4a4",
            "gemmini", "onednn", "qnnpack", "cmsis-nn-int8", "int4", "int8-acc-sat",
        ];
        Assert.Equal(0, Qsim.RunIn(
            folder.Path, ["run", "--epochs", "1", "--images", "4", "--attacks", "fgsm",
                "--epsilons", "0.1", "--out", "r", "--quiet",
                .. profiles.SelectMany(p => new[] { "--profile", p })]).ExitCode);
        var print = new ProcessStartInfo(
            chromium!, ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                "--print-to-pdf=r.pdf", $"file://{folder.File("r/report.html")}"])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardError = true,
        };
        Assert.Equal(0, Ends.Of(print).ExitCode);
        var read = new ProcessStartInfo(
            reader!, ["-layout", folder.File("r.pdf"), "-"])
        { RedirectStandardOutput = true };

        string[] pages = Ends.Of(read).Out.Split('\f');

        string[] keys = [.. pages.Where(p => p.Contains("softmax.") || p.Contains("input.bits"))];
        Assert.True(keys.Length > 1, $"{keys.Length} pages of keys");
        Assert.All(keys, page => Assert.Matches(Head(), page));
        Assert.DoesNotContain("\u25b6", string.Concat(pages));
    }

    /// <summary>From the first column to the last, whose names may be in several lines.</summary>
    [GeneratedRegex("(?m)^ *key .*int8-.*int4")]
    private static partial Regex Head();
}
