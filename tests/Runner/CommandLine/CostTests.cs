using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using QSim.Runner.Output;

namespace QSim.Runner.Tests.CommandLine;

/// <summary><c>qsim cost</c> through the real executable.</summary>
public sealed class CostTests : IDisposable
{
    private const string Liberty = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
    private static readonly string[] Small = ["cost", "--epochs", "1", "--images", "20"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void Json_Measured_SaturatingIsLargerThanWrapping_AndTheCacheAnswersAgain()
    {
        SkipWithoutTools();
        string[] request =
        [
            .. Small, "--profile", "int8-acc-wrap,int8-acc-sat", "--layer", "conv1", "--cache",
            "kept", "--json",
        ];
        Finished first = Qsim.RunIn(_folder.Path, request);
        Assert.Equal((0, ""), (first.ExitCode, Problem(first)));
        using var document = JsonDocument.Parse(first.Out);
        foreach (string column in new[] { "area_um2", "cells", "path_ns", "energy_pj" })
        {
            double wraps = Figure(document, "int8-acc-wrap", "conv1", column);
            double saturates = Figure(document, "int8-acc-sat", "conv1", column);
            Assert.InRange(wraps, 1, 1e5);

            // What ABC makes of two circuits differs by a few percent for no reason.
            Assert.InRange(saturates / wraps, column == "path_ns" ? 1 : 0.9, 1.5);
        }

        foreach (JsonElement network in Root(document, "networks"))
        {
            Assert.Equal(4_608, network.GetProperty("macs").GetInt64());
            Assert.Equal(64 * 4_608, network.GetProperty("bit_operations").GetInt64());
            Assert.InRange(network.GetProperty("units_nanojoules").GetDouble(), 10, 1e5);
        }

        string[] kept = Directory.GetFiles(_folder.File("kept/costs"));
        Finished again = Qsim.RunIn(_folder.Path, request);
        Assert.Equal(first.Out, again.Out);
        Assert.Equal(kept, Directory.GetFiles(_folder.File("kept/costs")));
    }

    [SkippableFact]
    public void Liberty_OfTheUser_IsNamedAndMeasured_WithoutToolsRefused()
    {
        SkipWithoutTools();
        string own = _folder.File("my own.lib");
        File.WriteAllText(
            own, File.ReadAllText(Liberty).Replace("library(osu018_stdcells)", "library(mine)"));
        string[] request = [.. Small, "--profile", "int4", "--layer", "conv1", "--liberty", own];
        Finished measured = Qsim.RunIn(_folder.Path, request);
        Assert.Equal(0, measured.ExitCode);
        Assert.Contains("cells of mine (", measured.Out);
        Assert.DoesNotContain('~', measured.Out);
        Assert.DoesNotContain(" 0.00", measured.Out);

        Finished without = WithoutTools(request);
        Assert.Equal(2, without.ExitCode);
        Assert.Contains(
            "qsim: --liberty: not installed: yosys, opensta (the program sta), iverilog; the "
                + "fitted model is of other cells (osu018_stdcells)",
            without.Error);
    }

    [Fact]
    public void WithoutTools_TheModelAnswers_AndSaysItsErrorAndWhatIsMissing()
    {
        Finished run = WithoutTools([.. Small, "--profile", "int4"]);
        Assert.Equal((0, ""), (run.ExitCode, Problem(run)));
        Assert.Contains("not installed: yosys, opensta (the program sta), iverilog", run.Out);
        Assert.Matches(@"(?m)^int4 +conv1 +accumulate +1 x 4x4, acc 32( +~[\d.]+){4}$", run.Out);
        Assert.Contains("its error on profiles that it has not seen", run.Out);
        Assert.Matches(@"(?m)^  accumulate \S+: \d+ %, \d+ % \(\d+ units\)$", run.Out);
        Assert.All(run.Out.Split('\n'), l => Assert.InRange(l.Length, 0, 110));
    }

    [SkippableFact]
    public void Csv_OnAnFpga_HasItsColumnsAndNoPath()
    {
        Skip.If(Programs.Find("yosys") is null, "no yosys: install yosys");
        Finished run = Qsim.RunIn(
            _folder.Path,
            [
                .. Small, "--profile", "int4", "--target", "ice40", "--csv", "--layer", "conv1",
            ]);
        Assert.Equal(0, run.ExitCode);
        string[] lines = run.Out.TrimEnd().Split('\n');
        Assert.Equal(
            "profile,layer,part,lanes,input_bits,weight_bits,accumulator_bits,output_bits,uses,"
                + "area_um2,cells,path_ns,energy_pj,lut,ff,carry,dsp,modelled",
            lines[0]);
        Assert.Equal(1 + 2, lines.Length);

        // Every bit of the accumulator is one flip-flop.
        Assert.Matches(@"^int4,conv1,accumulate,1,4,4,32,4,4608,,,,,\d+,32,\d+,\d+,$", lines[1]);
    }

    [Theory]
    [InlineData("--target nine", "--target 'nine' (supported: asic, xcup, ice40, ecp5)")]
    [InlineData("--liberty none.lib", "none.lib: ")]
    [InlineData("--liberty wrong.lib", "wrong.lib: no 'library (NAME) {' in it")]
    [InlineData("--liberty wrong.lib --target ecp5", "--liberty is for --target asic")]
    [InlineData("--layer nine", "--layer: no layer 'nine'")]
    [InlineData("--layer pool1", "int8-acc-sat: no layer has a circuit: pool1: has no multiply")]
    [InlineData("--json --csv", "--json and --csv: one of them")]
    [InlineData("--on-chip-pj -1", "--on-chip-pj -1 (supported: 0 to 1000000000)")]
    [InlineData("--profile onednn", "onednn: no layer has a circuit: ")]
    public void WrongOptions_OneLineEach(string options, string expected)
    {
        File.WriteAllText(_folder.File("wrong.lib"), "something else");
        Finished run = Qsim.RunIn(_folder.Path, [.. Small, .. options.Split(' ')]);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Out);
        Assert.StartsWith(expected, Problem(run)["qsim: ".Length..]);
    }

    [Fact]
    public void WithoutYosys_AnFpgaThatTheModelDoesNotKnow_IsRefused()
    {
        Finished run = WithoutTools([.. Small, "--target", "xcup"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal(
            "qsim: --target xcup: not installed: yosys; the fitted model is of asic", Problem(run));
    }

    /// <summary>A tool that does not end is ended with qsim, and so is what it started.</summary>
    [SkippableTheory]
    [InlineData("yosys", "cost --layer conv1 --target ice40")]
    [InlineData("make", "rtl check --layer conv1 --outputs 2")]
    [InlineData("vvp", "rtl check --layer conv1 --outputs 2 --simulator icarus")]
    public void Interrupted_WhileAToolWorks_EndsItAndExits130(string tool, string command)
    {
        Skip.If(OperatingSystem.IsWindows());
        string started = _folder.File("started");
        Script("make", "");
        Script(
            tool,
            "[ \"$1\" = -V ] && { echo Yosys 1; exit; }\n"
                + $"/bin/sleep 300 & echo $! > {started}.new; /bin/mv {started}.new {started}\n"
                + "wait\n");
        using Process process = Qsim.Start(
            _folder.Path, [.. command.Split(' '), "--epochs", "1", "--images", "20"],
            Environment("tools"));
        Ends.When(() => File.Exists(started), process);
        Ends.Of("kill", "-INT", $"{process.Id}");
        Assert.Equal(130, Qsim.Finish(process).ExitCode);
        string sleeper = $"/proc/{File.ReadAllText(started).Trim()}/cmdline";
        Ends.When(() => !File.Exists(sleeper) || File.ReadAllText(sleeper).Length == 0);
    }

    /// <summary>A terminal's Ctrl-C ends the tool first, or at the same time.</summary>
    [SkippableFact]
    public void Interrupted_TheToolBeforeQsim_Exits130AllTheSame()
    {
        Skip.If(OperatingSystem.IsWindows());
        string started = _folder.File("started");
        Script(
            "yosys",
            "[ \"$1\" = -V ] && { echo Yosys 1; exit; }\n"
                + $"echo $$ > {started}.new; /bin/mv {started}.new {started}\n"
                + "exec /bin/sleep 300\n");
        using Process process = Qsim.Start(
            _folder.Path, [.. Small, "--target", "ice40", "--layer", "conv1"],
            Environment("tools"));
        Ends.When(() => File.Exists(started), process);
        foreach (string id in new[] { File.ReadAllText(started).Trim(), $"{process.Id}" })
            Ends.Of("kill", "-INT", id);
        Finished run = Qsim.Finish(process);
        Assert.Equal((130, "qsim: interrupted"), (run.ExitCode, Problem(run)));
    }

    /// <summary>A program of that name in the folder <c>tools</c>.</summary>
    private void Script(string tool, string text)
    {
        string path = Path.Combine(
            Directory.CreateDirectory(_folder.File("tools")).FullName, tool);
        File.WriteAllText(path, $"#!/bin/sh\n{text}");
        Ends.Of("chmod", "+x", path);
    }

    private Dictionary<string, string> Environment(string path) => new()
    {
        ["PATH"] = Directory.CreateDirectory(_folder.File(path)).FullName,
        ["DOTNET_ROOT"] = Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
    };

    private Finished WithoutTools(string[] request) =>
        Qsim.Finish(Qsim.Start(_folder.Path, request, Environment("empty")));

    private static void SkipWithoutTools()
    {
        foreach (string tool in new[] { "yosys", "sta", "iverilog", "vvp" })
            Skip.If(
                Programs.Find(tool) is null, $"no {tool}: install yosys, opensta and iverilog");
        Skip.IfNot(File.Exists(Liberty), "no osu018 cells: install qflow-tech-osu018");
    }

    private static string Problem(Finished run) => run.Error.Split('\n')
        .FirstOrDefault(l => l.StartsWith("qsim: ", StringComparison.Ordinal)) ?? "";

    private static IEnumerable<JsonElement> Root(JsonDocument document, string name) =>
        document.RootElement.GetProperty(name).EnumerateArray();

    private static double Figure(
        JsonDocument document, string profile, string layer, string column)
    {
        JsonElement figure = Root(document, "units")
            .First(u => u.GetProperty("profile").GetString() == profile
                && u.GetProperty("layer").GetString() == layer)
            .GetProperty("parts")[0].GetProperty("figures").GetProperty(column);
        Assert.True(figure.GetProperty("is_measured").GetBoolean());
        return figure.GetProperty("value").GetDouble();
    }
}
