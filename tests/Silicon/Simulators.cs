using System.Diagnostics;

namespace QSim.Silicon.Tests;

/// <summary>Twins in simulators; skips where they are not installed.</summary>
internal static class Simulators
{
    /// <summary>What Verilator says of some twins, line by line.</summary>
    public static string Verilator(IReadOnlyList<ITwin> twins)
    {
        string tool = Find("verilator");
        string compiler = Find("g++");
        _ = compiler;
        using var folder = new Folder(twins);
        Run(
            folder.Path, tool,
            [
                "--cc", "--exe", "--build", "-O3", "-fno-dfg", "-Wall", "--top-module", "bench",
                "-MAKEFLAGS", "OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0",
                .. folder.Sources(clock: false), "tb/main.cpp",
            ]);
        return Run(folder.Path, Path.Combine(folder.Path, "obj_dir", "Vbench"), []);
    }

    /// <summary>What Icarus Verilog says of some twins, their testbenches changed.</summary>
    public static string Icarus(
        IReadOnlyList<ITwin> twins, ulong? mutation = null, Func<string, string>? change = null)
    {
        string compiler = Find("iverilog"), runner = Find("vvp");
        using var folder = new Folder(twins, mutation, change);
        Run(
            folder.Path, compiler,
            ["-g2012", "-Wall", "-s", "clock", "-o", "twin.vvp", .. folder.Sources(clock: true)]);
        return Run(folder.Path, runner, ["twin.vvp"]);
    }

    /// <summary>Lets Yosys elaborate the circuits: no latch, no net with two drivers.</summary>
    public static void Yosys(IReadOnlyList<ITwin> twins)
    {
        string tool = Find("yosys");
        using var folder = new Folder(twins);
        string sources = string.Join(
            ' ', folder.Sources(clock: false).Where(f => !f.Contains("/tb/")));
        foreach (MacTwin twin in twins)
            Run(
                folder.Path, tool,
                [
                    "-q", "-p",
                    $"read_verilog -sv {sources}; hierarchy -check -top {twin.Name}_unit; proc; "
                        + "opt_clean; check -assert; select -assert-none t:$dlatch t:$_DLATCH_*",
                ]);
    }

    /// <summary>
    /// What Icarus Verilog says of some twins after Yosys has made gates of their circuits.
    /// </summary>
    public static string Netlists(IReadOnlyList<ITwin> twins)
    {
        string synthesis = Find("yosys"), compiler = Find("iverilog"), runner = Find("vvp");
        using var folder = new Folder(twins);
        string[] sources = [.. folder.Sources(clock: true)];
        string circuits = string.Join(' ', sources.Where(f => !f.Contains("/tb/")));
        foreach (string top in twins.SelectMany(t =>
            new[] { $"{t.Name}_mac", $"{t.Name}_requantize" }))
            Run(
                folder.Path, synthesis,
                [
                    "-q", "-p",
                    $"read_verilog -sv {circuits}; synth -flatten -top {top}; check -assert; "
                        + $"select -assert-none t:$_DLATCH*; write_verilog -noattr {top}_gates.v",
                ]);
        Run(
            folder.Path, compiler,
            [
                "-g2012", "-s", "clock", "-o", "gates.vvp",
                .. sources.Where(f => f.Contains("/tb/")),
                .. Directory.EnumerateFiles(folder.Path, "*_gates.v"),
            ]);
        return Run(folder.Path, runner, ["gates.vvp"]);
    }

    /// <summary>What a bench of one's own says in Icarus Verilog.</summary>
    public static string Bench(IEnumerable<(string Path, string Text)> files)
    {
        string compiler = Find("iverilog"), runner = Find("vvp");
        using var folder = new Folder(files);
        Run(
            folder.Path, compiler,
            ["-g2012", "-s", "bench", "-o", "bench.vvp", .. folder.Sources(clock: false)]);
        return Run(folder.Path, runner, ["bench.vvp"]);
    }

    /// <summary>
    /// Every twin passed, and none said before or after that it differs: people read the lines.
    /// </summary>
    public static void AssertPassed(IEnumerable<ITwin> twins, string said)
    {
        string[] lines = said.Split('\n');
        Assert.DoesNotContain(
            lines, l => l.StartsWith("DIFFERS", StringComparison.Ordinal));
        Assert.Empty(twins.Where(t => !lines.Any(l => Says(l, "PASSED", t))).Select(t => t.Name));
    }

    /// <summary>Whether a line is a twin's.</summary>
    public static bool Says(string line, string word, ITwin twin) =>
        line.StartsWith($"{word} {twin.Name} ", StringComparison.Ordinal);

    private static string Find(string tool)
    {
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Select(f => Path.Combine(f, tool))
            .FirstOrDefault(File.Exists);
        Skip.If(path is null, $"no {tool}: install verilator, g++, iverilog, yosys");
        return path!;
    }

    private static string Run(string folder, string program, IEnumerable<string> arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program}: {errors.Result}\n{output}");
        return output;
    }

    private sealed class Folder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qsim-twin");

        public Folder(
            IReadOnlyList<ITwin> twins, ulong? mutation = null,
            Func<string, string>? change = null)
            : this(twins
                .SelectMany((t, i) => t.Files(mutation + (ulong)i))
                .Select(f => change is null || !f.Path.StartsWith("tb/", StringComparison.Ordinal)
                    ? f
                    : (f.Path, change(f.Text)))
                .Concat(MacTwin.Common("random layers", twins, [])))
        {
        }

        public Folder(IEnumerable<(string Path, string Text)> files)
        {
            foreach ((string path, string text) in files)
            {
                string file = System.IO.Path.Combine(Path, path);
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
                File.WriteAllText(file, text);
            }
        }

        public string Path => _folder.FullName;

        public IEnumerable<string> Sources(bool clock) =>
            Directory.EnumerateFiles(Path, "*.sv", SearchOption.AllDirectories)
                .Where(f => clock || !f.EndsWith("clock.sv", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal);

        public void Dispose()
        {
            if (Environment.GetEnvironmentVariable("QSIM_KEEP_TWINS") is null)
                _folder.Delete(recursive: true);
        }
    }
}
