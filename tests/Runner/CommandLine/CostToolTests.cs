using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using QSim.Runner.Output;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>
/// <c>qsim cost</c> where a program or a cache says nothing, or something else than is asked.
/// </summary>
public sealed class CostToolTests : IDisposable
{
    private const string Liberty = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

    private static readonly string[] Small =
        ["cost", "--epochs", "1", "--images", "20", "--profile", "int4", "--layer", "conv1"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>One line, without a folder that is gone, and nothing is left behind.</summary>
    [SkippableTheory]
    [InlineData(":", "tools/yosys: says no statistics of 'accumulate' (supported: Yosys 0.23")]
    [InlineData("echo {} > stat.txt", "tools/yosys: says no numbers of cells of 'accumulate'")]
    [InlineData("echo Nothing > stat.txt", "tools/yosys: says no numbers of cells of")]
    [InlineData(
        "/bin/mkdir $TMPDIR/yosys-abc-1; echo it hurts >&2; exit 3",
        "'yosys -q synth.ys' failed: it hurts")]
    public void Yosys_ThatSaysNoFigures_IsOneLineAndLeavesNothing(string script, string expected)
    {
        Skip.If(OperatingSystem.IsWindows(), "its programs are scripts");
        Finished run = With(script, [.. Small, "--target", "ice40"]);
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        string problem = Problem(run);
        Assert.Contains(expected, problem);
        Assert.DoesNotContain("qsim-cost", problem);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.File("tmp")));
    }

    /// <summary>Of half a file the next program would say a syntax error.</summary>
    [SkippableFact]
    public void Programs_ThatFillTheDisk_AreNotBlamedForHalfAFile()
    {
        Skip.If(OperatingSystem.IsWindows(), "its programs are scripts");
        const string Unshare = "/usr/bin/unshare", Own = "-rm";
        Skip.IfNot(
            File.Exists(Unshare) && Ends.Of(Unshare, Own, "/bin/true") == 0,
            "no namespaces of one's own");
        WriteYosys("/bin/cat /dev/zero > half.v 2> /dev/null; echo syntax error >&2; exit 1");
        var start = new ProcessStartInfo(
            Unshare,
            [
                Own, "/bin/sh", "-c",
                "/bin/mount -t tmpfs -o size=2m none \"$TMPDIR\" && exec \"$0\" \"$@\"",
                Path.Combine(AppContext.BaseDirectory, "qsim"), .. Small, "--target", "ice40",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in Tools) start.Environment[name] = value;
        Finished run = Ends.Of(start);
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Equal(
            $"qsim: {_folder.File("tmp")}/: has no room for what 'yosys' writes (TMPDIR names "
                + "another folder)",
            Problem(run));
    }

    /// <summary>Its checksum is right, what it says is not: measured again, never used.</summary>
    [SkippableFact]
    public void Cache_ThatSaysWhatNoCircuitCosts_IsMeasuredAgain()
    {
        Skip.If(OperatingSystem.IsWindows(), "its programs are scripts");
        const string Counts =
            """echo '{"design":{"num_cells_by_type":{"SB_LUT4":40,"SB_DFF":8}}}' > stat.txt""";
        string[] request = [.. Small, "--target", "ice40", "--cache", "kept", "--json"];
        Finished first = With(Counts, request);
        Assert.Equal((0, ""), (first.ExitCode, Problem(first)));
        Assert.Contains("\"value\": 40", first.Out);
        string file = Directory.GetFiles(_folder.File("kept/costs")).Single();
        foreach (string lie in new[]
        {
            "nothing", "{}", """{"accumulate":{"lut":1},"requantize":null}""",
            """{"accumulate":{"area_um2":1},"requantize":{"lut":1}}""",
            """{"accumulate":{"lut":-1},"requantize":{"lut":1}}""",
            """{"accumulate":{"lut":1e308},"requantize":{"lut":1}}""",
            """{"accumulate":{"lut":1e999},"requantize":{"lut":1}}""",
        })
        {
            byte[] text = Encoding.UTF8.GetBytes(lie);
            File.WriteAllBytes(file, [.. text, .. SHA256.HashData(text)]);
            Assert.Equal(first.Out, With(Counts, request).Out);
        }
    }

    /// <summary>
    /// An output that is the accumulator has no cell: no area, path or energy, where Yosys says no
    /// area and OpenSTA no power.
    /// </summary>
    [SkippableTheory]
    [InlineData("asic", "area_um2,cells,path_ns,energy_pj")]
    [InlineData("ice40", "lut,ff,carry,dsp")]
    public void Requantization_OfWiresAlone_CostsNothing(string target, string columns)
    {
        foreach (string tool in new[] { "yosys", "sta", "iverilog", "vvp" })
            Skip.If(Programs.Find(tool) is null, $"no {tool}: install {tool}");
        Skip.IfNot(File.Exists(Liberty), "no osu018 cells: install qflow-tech-osu018");
        const string Format = "ap_fixed<6,3>";
        File.WriteAllText(
            _folder.File("wires.yaml"),
            $$"""
            schema: qsim/hardware-profile/1
            name: wires
            summary: One format everywhere
            input: {{Format}}
            weight: {{Format}}
            bias: {{Format}}
            activation: {{Format}}
            mac: {product: "{{Format}}", accumulator: "{{Format}}"}
            requantize: cast
            """);
        Finished run = Qsim.RunIn(
            _folder.Path,
            [
                "cost", "--epochs", "1", "--images", "20", "--layer", "conv1", "--json", "--target",
                target, "--profile", "wires.yaml",
            ]);
        Assert.Equal((0, ""), (run.ExitCode, Problem(run)));
        using var document = JsonDocument.Parse(run.Out);
        JsonElement[] parts =
            [.. document.RootElement.GetProperty("units")[0].GetProperty("parts").EnumerateArray()];
        foreach (string column in columns.Split(','))
        {
            JsonElement[] figures =
                [.. parts.Select(p => p.GetProperty("figures").GetProperty(column))];
            Assert.All(figures, f => Assert.True(f.GetProperty("is_measured").GetBoolean()));
            Assert.Equal(0, figures[1].GetProperty("value").GetDouble());
            if (column != "dsp")
                Assert.InRange(figures[0].GetProperty("value").GetDouble(), 1, 1e5);
        }
    }

    [Theory]
    [InlineData("--on-chip-pj")]
    [InlineData("--off-chip-pj")]
    public void Energy_ThatNoMemoryNeeds_IsRefused(string option)
    {
        Finished run = Qsim.RunIn(_folder.Path, [.. Small, option, "1e308"]);
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Equal(
            $"qsim: {option} 1E+308 (supported: 0 to 1000000000)", Problem(run));
    }

    /// <summary>No cell holds a bit, or has an area, or the file ends too early.</summary>
    [SkippableTheory]
    [InlineData("ff (", "none (", "own.lib: has no flip-flop")]
    [InlineData("area : ", "aera : ", "own.lib: its cells have no area, which costs are sums of")]
    [InlineData("", "", "own.lib (--liberty): 'yosys -q synth.ys' failed: ERROR: Syntax error")]
    public void Liberty_ThatIsNone_IsNamed(string from, string to, string expected)
    {
        Skip.If(Programs.Find("yosys") is null, "no yosys: install yosys");
        Skip.IfNot(File.Exists(Liberty), "no osu018 cells: install qflow-tech-osu018");
        string own = _folder.File("own.lib");
        string text = File.ReadAllText(Liberty);
        File.WriteAllText(own, from.Length > 0 ? text.Replace(from, to) : text[..100_000]);
        Finished run = Qsim.RunIn(_folder.Path, [.. Small, "--liberty", own]);
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains(expected, Problem(run));
    }

    /// <summary>Refused before a network is trained, with what was meant.</summary>
    [Theory]
    [InlineData("cost")]
    [InlineData("rtl --out x")]
    [InlineData("rtl check")]
    [InlineData("explain overflow")]
    [InlineData("explain taps --out x.npz")]
    public void Layer_ThatIsNotThere_IsRefusedBeforeTraining(string command)
    {
        Finished run = Qsim.RunIn(_folder.Path, [.. command.Split(' '), "--layer", "conv3"]);
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Equal(
            "qsim: --layer: no layer 'conv3'; did you mean 'conv1'? (supported: conv1, conv2, "
                + "pool1, flatten1, dense1, dense2)",
            run.Error.Trim());
    }

    private Dictionary<string, string> Tools => new()
    {
        ["PATH"] = _folder.File("tools"),
        ["TMPDIR"] = _folder.File("tmp"),
        ["DOTNET_ROOT"] = Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
    };

    private Finished With(string script, string[] request)
    {
        WriteYosys(script);
        return Qsim.Finish(Qsim.Start(_folder.Path, request, Tools));
    }

    private void WriteYosys(string script)
    {
        Directory.CreateDirectory(_folder.File("tools"));
        Directory.CreateDirectory(_folder.File("tmp"));
        string path = _folder.File("tools/yosys");
        File.WriteAllText(
            path, $"#!/bin/sh\n[ \"$1\" = -V ] && {{ echo Yosys 1; exit; }}\n{script}\n");
        Ends.Of("chmod", "+x", path);
    }

    private static string Problem(Finished run) => run.Error.Split('\n')
        .FirstOrDefault(l => l.StartsWith("qsim: ", StringComparison.Ordinal)) ?? "";
}
