using System.Globalization;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;
using QSim.Runner.Conformance;
using QSim.Runner.Silicon.Vectors;
using QSim.Simulator;
using QSim.Simulator.Conformance;

namespace QSim.Runner.Tests.Silicon;

/// <summary>
/// Golden vectors of networks with every type of layer: what is written conforms in each format,
/// and one wrong bit is found, whichever it is.
/// </summary>
public sealed class VectorTests : IDisposable
{
    private static readonly int[] Images = [3, 8];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("hls4ml-default", true)]
    [InlineData("tflite-int8", false)]
    [InlineData("qnnpack", true)]
    [InlineData("gemmini", false)]
    public void Conform_WhatWasWritten_AgreesInEveryFormat(string profile, bool steps)
    {
        (VectorSet set, string golden) = Written(profile, steps);

        foreach (string result in new[] { "hex", "csv", VectorManifest.Archive, "" })
        {
            ReplayReport report = Replayed(golden, Path.Combine(golden, result));
            Assert.True(report.Mismatches == 0, string.Join('\n', report.First));
            Assert.True(report.Rows > 5_000, $"{report.Rows} values");
        }

        string[] registers =
            [.. set.Arrays.Where(a => a.Role == VectorRole.Register).Select(a => a.Name)];
        Assert.Equal(steps, registers.Contains("conv1.accumulator"));
        Assert.Equal(!steps, registers.Contains("conv1.total"));
        Assert.All(set.Program.Layers, l => Assert.Contains($"{l.Name}.output", registers));
        Assert.Equal(0, Replay.Run(
            Path.Combine(golden, VectorManifest.Archive), new(null, 5)).Mismatches);
    }

    [Theory]
    [InlineData("hex")]
    [InlineData("csv")]
    public void Conform_OneWrongBit_IsNamed_WhateverTheSeed(string format)
    {
        (VectorSet set, string golden) = Written("hls4ml-default", steps: true);
        var replay = new VectorReplay(golden, new(null, 5));
        var places = new HashSet<string>();
        for (ulong seed = 0; seed < 100; seed++)
        {
            var wrong = WrongBit.Of(set, seed);
            VectorArray changed = wrong.In(set).Single(a => a.Name == wrong.Array);
            string file = _folder.File($"{changed.Stem}.{format}");
            File.WriteAllBytes(
                file,
                format == "hex" ? VectorText.Hex(changed) : VectorText.Csv(changed, set.Images));

            ReplayReport report = replay.Run(file);

            string first = Assert.Single(report.First);
            Assert.Equal(1, report.Mismatches);
            Assert.Contains($"{wrong.Array} [{wrong.Place}]: ", first);
            Assert.EndsWith(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $": {wrong.Right}, the simulation has {wrong.Wrong}"), first);
            places.Add($"{wrong.Array} {wrong.Place} {wrong.Bit}");
            File.Delete(file);
        }

        Assert.True(places.Count > 95, $"{places.Count} places");
    }

    [Fact]
    public void Mutated_IsTheSameButForOneValueInEachFormat()
    {
        (VectorSet set, string golden) = Written("int8-acc-wrap", steps: false);
        ReplayReport report = Replayed(golden, Path.Combine(golden, "mutated"));
        Assert.Equal(3, report.Mismatches);
        Assert.All(report.First, f => Assert.Contains(WrongBit.Of(set, 7).Place, f));
        Assert.Equal(1, Replay.Run(
            Path.Combine(golden, "mutated", VectorManifest.Archive), new(null, 5)).Mismatches);
    }

    /// <summary>Two things are wrong: what a value meets first is told first.</summary>
    [Fact]
    public void Conform_TheFirstInTime_ComesFirst()
    {
        (_, string golden) = Written("hls4ml-default", steps: true);
        string results = Directory.CreateDirectory(_folder.File("results")).FullName;
        foreach (string name in new[] { "conv2.product", "conv2.accumulator", "conv1.output" })
        {
            string[] lines = File.ReadAllLines(Path.Combine(golden, "hex", $"{name}.hex"));
            int index = name == "conv2.product" ? lines.Length - 1 : 40;
            lines[index] = name == "conv2.accumulator" ? "xxxx" : lines[index] == "0000"
                ? "0001"
                : "0000";
            File.WriteAllLines(Path.Combine(results, $"{name}.hex"), lines);
        }

        ReplayReport report = Replayed(golden, results);

        Assert.Equal(3, report.Mismatches);
        Assert.Contains("conv1.output [image 3, ", report.First[0]);
        Assert.Contains("conv2.accumulator [image 3, ", report.First[1]);
        Assert.EndsWith("the simulation has x", report.First[1]);
        Assert.Contains("conv2.product [image 8, ", report.First[2]);
    }

    [Theory]
    [InlineData("conv1.output.hex", "00\n", "1 values where 'conv1.output' has ")]
    [InlineData("conv1.output.hex", "@0 zz\n", "the simulation has x")]
    [InlineData("conv1.output.hex", "@0 00q\n", "'00q' is not a hexadecimal number")]
    [InlineData("conv1.output.hex", "@ffffff 0\n", "'@ffffff' is not an address in @0..")]
    [InlineData("conv1.outptu.hex", "0\n", "'conv1.outptu' is not an array of these vectors")]
    [InlineData("conv1.output.csv", "image,channel,row,value\n", "there is no column 'column'")]
    [InlineData("conv1.output.csv", "image,channel,row,column,val\n", "unknown column")]
    [InlineData(
        "conv1.output.csv", "image,channel,row,column,value\n4,0,0,0,1\n",
        "image 4 is not in these vectors (3, 8)")]
    [InlineData(
        "conv1.output.csv", "image,channel,row,column,value\n3,0,99,0,1\n", "99 is not in 0..")]
    [InlineData(
        "conv1.output.csv", "image,channel,row,column,value\n3,0,0,0,1\n3,0,0,0,1\n",
        "this value is there twice")]
    public void Conform_AnotherLayout_IsOneLine(string name, string text, string expected)
    {
        (_, string golden) = Written("int8-wide", steps: false);
        string file = _folder.File(name);
        File.WriteAllText(file, text);

        string said;
        try
        {
            said = Replayed(golden, file).First[0];
        }
        catch (InputException e)
        {
            said = e.Message;
        }

        Assert.Contains(expected, said);
        Assert.DoesNotContain('\n', said);
    }

    [Fact]
    public void Conform_AChangedGoldenFolder_IsRefused()
    {
        (_, string golden) = Written("int8-wide", steps: false);
        string archive = Path.Combine(golden, VectorManifest.Archive);
        string manifest = Path.Combine(golden, VectorManifest.Name);
        string text = File.ReadAllText(manifest);
        foreach ((string from, string to, string expected) in new[]
        {
            ("qsim/vectors/1", "qsim/vectors/9", "schema 'qsim/vectors/9' is not known"),
            ("\"bits\": 8", "\"bits\": 99", "has impossible sizes"),
            ("\"arrays\"", "\"arays\"", "this is not a manifest of vectors"),
        })
        {
            File.WriteAllText(manifest, text.Replace(from, to));
            Assert.Contains(
                expected,
                Assert.Throws<InputException>(() => Replayed(golden, golden)).Message);
        }

        File.WriteAllText(manifest, text);
        File.Copy(Path.Combine(golden, "mutated", VectorManifest.Archive), archive, true);
        Assert.Contains(
            "this is not the file that manifest.json lists",
            Assert.Throws<InputException>(() => Replayed(golden, golden)).Message);
    }

    [Fact]
    public void Write_Cancelled_LeavesNothing()
    {
        VectorSet set = Set("int8-wide", steps: false);
        using var stop = new CancellationTokenSource();
        string golden = _folder.File("golden");
        int files = 0;

        Assert.Throws<OperationCanceledException>(() => VectorFolder.Write(
            golden, set, 1, (_, _) => { if (++files == 5) stop.Cancel(); }, stop.Token));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    private static ReplayReport Replayed(string golden, string result) =>
        new VectorReplay(golden, new(null, 5)).Run(result);

    private (VectorSet Set, string Folder) Written(string profile, bool steps)
    {
        VectorSet set = Set(profile, steps);
        string golden = _folder.File("golden");
        VectorFolder.Write(golden, set, 7, (_, _) => { }, CancellationToken.None);
        return (set, golden);
    }

    private static VectorSet Set(string profile, bool steps)
    {
        QuantizedProgram program = ShippedCases.Program(profile, ShippedCases.EveryLayer());
        int[] layers = [.. Enumerable.Range(0, program.Layers.Length)];
        using IProgramRunner runner = new ReferenceBackend().Load(program);
        var tensors = Images.ToDictionary(i => i, image =>
        {
            RunResult run = runner.Run(
                ProgramGenerator.Inputs(program, 1, image), 1,
                new RunOptions { FirstImage = image, Taps = [0, .. layers.Select(l => l + 1)] });
            return (IReadOnlyList<long[]>)
                [.. layers.Prepend(-1).Select(l => run.Taps[l + 1])];
        });
        return VectorSet.Of(
            new(profile, program, i => tensors[i]), new(layers, Images, steps), (_, _) => { },
            CancellationToken.None);
    }
}
