using QSim.Attacks.Evaluation;
using QSim.Runner.Studies.Saved;
using QSim.Simulator;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Tests.CommandLine;

/// <summary><c>--save-images</c> and <c>qsim attack-check</c>, there and back.</summary>
public sealed class SavedImagesTests : IDisposable
{
    private static readonly string[] Run =
    [
        "run", "--images", "20", "--epochs", "2", "--attacks", "bim", "--epsilons", "0.1",
        "--profile", "int4", "--out", "r", "--cache", "nets", "--quiet",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void SaveImages_ThenCheck_SaysTheSame()
    {
        Assert.Equal(
            0,
            Qsim.RunIn(_folder.Path, [.. Run, "--save-images", "adv", "--save-png"]).ExitCode);
        string file = _folder.File("adv/hardware-int4-bim-0.1.npz");
        SavedCell saved = SavedCell.Read(file);
        Assert.Equal(("int4", Norm.Linf, 0.1), (saved.Target, saved.Norm!.Value, saved.Epsilon));
        Assert.Equal(20, saved.Images.Count);
        var arrays = Arrays(file);
        Assert.Equal("<f4", arrays["x_adv"].Type);
        Assert.Equal([20, 1, 8, 8], arrays["x_adv"].Shape.AsEnumerable());
        Assert.Equal(20 * 64, arrays["raw"].Length);
        Assert.Equal("bim", arrays["attack"].ToText());
        Assert.All(arrays["distance"].ToReals(), d => Assert.InRange(d, 0, 0.1));
        Assert.DoesNotContain("raw", Arrays(_folder.File("adv/hardware-float-bim-0.1.npz")).Keys);
        long[] broken = arrays["clean_class"].ToIntegers();
        int pictures = Directory.GetFiles(_folder.File("adv/hardware-int4-bim-0.1")).Length;
        Assert.Equal(
            Enumerable.Range(0, 20).Count(i =>
                broken[i] == saved.Images.Labels[i] && !saved.Outcomes![i]),
            pictures);

        Finished check = Qsim.RunIn(
            _folder.Path, ["attack-check", file, "--cache", "nets"]);
        Assert.Equal((0, true), (check.ExitCode, check.Out.Contains("yes")));
        Finished other = Qsim.RunIn(
            _folder.Path, ["attack-check", file, "--cache", "nets", "--profile", "int8-wide"]);
        Assert.Equal(0, other.ExitCode);
        Assert.Contains("int8-wide", other.Out);
    }

    /// <summary>
    /// A file is judged by the network of its own seed, and of the study where a link leads; one
    /// that is away from its study says so.
    /// </summary>
    [Fact]
    public void Check_FileOfALaterSeed_IsJudgedByItsOwnNetwork()
    {
        File.WriteAllText(_folder.File("s.yaml"), "schema: qsim/study/1\nseeds: [1, 2]\n");
        Assert.Equal(
            0,
            Qsim.RunIn(
                _folder.Path,
                [Run[0], "s.yaml", .. Run[1..], "--save-images", "adv"]).ExitCode);
        string file = _folder.File("adv/seed2-hardware-int4-bim-0.1.npz");
        Assert.Equal(2ul, SavedCell.Read(file).Seed);
        File.CreateSymbolicLink(_folder.File("link.npz"), file);
        File.Copy(file, _folder.File("alone.npz"));

        foreach (string name in new[] { file, "link.npz" })
        {
            Finished check = Check(name);
            Assert.Equal((0, ""), (check.ExitCode, check.Error));
            Assert.Matches(@"int4 .* yes\s", check.Out);
        }

        Assert.Contains("no study.json beside the file", Check("alone.npz").Error);
    }

    private Finished Check(string file) => Qsim.RunIn(
        _folder.Path, "attack-check", file, "--cache", "nets", "--quiet", "--profile", "int4");

    [Fact]
    public void SaveImages_AfterTheRun_MakesWhatIsLacking()
    {
        Assert.Equal(0, Qsim.RunIn(_folder.Path, Run).ExitCode);
        byte[] cells = File.ReadAllBytes(_folder.File("r/cells.jsonl"));
        string left = _folder.File(
            $"adv/hardware-int4-bim-0.1/1.png.{Environment.MachineName}.{int.MaxValue}.tmp");
        Directory.CreateDirectory(Path.GetDirectoryName(left)!);
        File.WriteAllText(left, "half");
        Assert.Equal(0, Qsim.RunIn(_folder.Path, [.. Run, "--save-images", "adv"]).ExitCode);
        Assert.False(File.Exists(left));
        Assert.Equal(cells, File.ReadAllBytes(_folder.File("r/cells.jsonl")));
        Assert.Equal(2, Directory.GetFiles(_folder.File("adv"), "*.npz").Length);

        Finished run = Qsim.RunIn(
            _folder.Path, [.. Run.Select(word => word == "r" ? "s" : word), "--seed", "2",
                "--save-images", "adv"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("another study", run.Error);
    }

    [Theory]
    [InlineData("", "--save-images is empty")]
    [InlineData("file", "file: is a file where a folder is needed (--save-images)")]
    [InlineData("file/below/it", "file/below/it: ")]
    [InlineData("other", "other: holds the images of another study")]
    public void SaveImages_FolderCannotBe_LeavesNothing(string folder, string expected)
    {
        File.WriteAllText(_folder.File("file"), "");
        Directory.CreateDirectory(_folder.File("other"));
        File.WriteAllText(_folder.File("other/study.json"), "{}");
        string[] before = Everything();

        Finished run = Qsim.RunIn(_folder.Path, [.. Run, "--save-images", folder]);

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"qsim: {expected}", Assert.Single(run.Error.TrimEnd('\n').Split('\n')));
        Assert.Equal(before, Everything());
    }

    [Fact]
    public void SaveImages_RunIsRefused_LeavesNothing()
    {
        Directory.CreateDirectory(_folder.File("r"));
        File.WriteAllText(_folder.File("r/notes.txt"), "precious");

        Finished run = Qsim.RunIn(_folder.Path, [.. Run, "--save-images", "new/adv"]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("holds no run", run.Error);
        Assert.False(Directory.Exists(_folder.File("new")));
    }

    [Theory]
    [InlineData("certify", "--certificates", "certificates")]
    [InlineData("attack-check", "theirs.npz", "theirs.npz")]
    public void Cache_CannotBe_IsRefusedBeforeAnything(string command, string option, string made)
    {
        File.WriteAllText(_folder.File("file"), "");
        string[] with = command == "certify" ? [option, made] : [made];

        Finished run = Qsim.RunIn(_folder.Path, [command, .. with, "--cache", "file"]);

        Assert.Equal(
            (2, "qsim: file: is a file where a folder is needed (--cache)\n"),
            (run.ExitCode, run.Error));
        Assert.False(Directory.Exists(_folder.File(made)));
    }

    private string[] Everything() =>
        [.. Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Order()];

    [Theory]
    [InlineData(0.5f, 0L, "", 0)]
    [InlineData(1.5f, 0L, "a pixel is not in 0..1", 2)]
    [InlineData(float.NaN, 0L, "a pixel is not in 0..1", 2)]
    [InlineData(0.5f, -1L, "labels are not classes", 2)]
    public void Check_FileOfSomebodyElse_IsJudgedOrRefused(
        float pixel, long label, string message, int exitCode)
    {
        Write(
            ("x_adv", NpyArray.Of([.. Enumerable.Repeat(pixel, 128)], 2, 1, 8, 8)),
            ("y", NpyArray.Of([label, 3L], 2)));
        Finished check = Qsim.RunIn(
            _folder.Path, ["attack-check", "theirs.npz", "--epochs", "1", "--profile", "int4"]);
        Assert.Equal(exitCode, check.ExitCode);
        Assert.Contains(message, check.Error);
    }

    [Fact]
    public void Read_NoAdversarialImages_SaysWhatIsThere()
    {
        Write(("x", NpyArray.Of([1L], 1)));
        InputException e = Assert.Throws<InputException>(
            () => SavedCell.Read(_folder.File("theirs.npz")));
        Assert.Contains("there is no array x_adv (found: x)", e.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("int4")]
    [InlineData("ε = 8/255 🙂")]
    public void Text_OfAnyCharacters_ComesBack(string text) =>
        Assert.Equal(text, NpyArray.Parse(NpyArray.Of(text).ToBytes()).ToText());

    private void Write(params (string, NpyArray)[] arrays)
    {
        using FileStream file = File.Create(_folder.File("theirs.npz"));
        NpzFile.Write(file, arrays);
    }

    private static IReadOnlyDictionary<string, NpyArray> Arrays(string path) =>
        NpzFile.Read(File.ReadAllBytes(path));
}
