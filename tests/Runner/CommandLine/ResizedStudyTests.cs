using System.Globalization;
using System.Text.Json;
using QSim.Runner.Output;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>
/// <c>resize</c> and <c>crop</c> of a study, from PNG files of many sizes to accuracies. The
/// network's logits are its 64 pixels, so that it names the brightest place of what reaches it.
/// </summary>
public class ResizedStudyTests
{
    private const int Side = 8;

    /// <summary>All have a shorter side that is a multiple of 8.</summary>
    private static readonly (int Rows, int Columns)[] Sizes =
        [(16, 24), (24, 16), (32, 32), (16, 40), (8, 8), (40, 24), (8, 12), (16, 16)];

    private static readonly int[] Places = [63, 2, 9, 58, 28, 36, 7, 17];

    private static readonly string[] Small =
    [
        "--profile", "int8-wide", "--attacks", "fgsm", "--epsilons", "1/255", "--quiet",
        "--images", $"{Sizes.Length}", "--calibration-images", $"{Sizes.Length}",
    ];

    /// <summary>Two numbers squeeze: of these images only square ones stay what they are.</summary>
    [Theory]
    [InlineData("{resize: 8, crop: 8}", 8)]
    [InlineData("{resize: 8, crop: [8, 8], interpolation: box}", 8)]
    [InlineData("{resize: [8, 8]}", 3)]
    public void Run_ImagesOfManySizes_AreWhatTheNetworkSees(string preprocess, int right)
    {
        using TemporaryFolder folder = WithImages();
        File.WriteAllText(folder.File("s.yaml"), Study(preprocess));

        Finished run = Qsim.RunIn(folder.Path, ["run", "s.yaml", .. Small, "--out", "r"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal([right, right], Clean(folder.File("r/results.json")));
    }

    [Fact]
    public void Run_SavedStudyAndOptions_DoTheSameToImages()
    {
        using TemporaryFolder folder = WithImages();
        File.WriteAllText(folder.File("s.yaml"), Study("{resize: 8, crop: 8}"));
        string[][] commands =
        [
            ["s.yaml", .. Small, "--out", "a"],
            ["a/study.json", "--quiet", "--out", "b"],
            ["--data", "d.csv", "--network", "net.yaml", "--resize", "8", "--crop", "8", .. Small,
                "--out", "c"],
        ];
        foreach (string[] command in commands)
        {
            Finished run = Qsim.RunIn(folder.Path, ["run", .. command]);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
        }

        string[] all = [.. "abc".Select(f => File.ReadAllText(folder.File($"{f}/results.csv")))];
        Assert.Equal([all[0], all[0], all[0]], all);
        JsonElement images = JsonDocument.Parse(File.ReadAllText(folder.File("a/manifest.json")))
            .RootElement.GetProperty("preprocess").GetProperty("images");
        Assert.Equal(8, Assert.Single(images.GetProperty("resize").EnumerateArray()).GetInt32());
        Assert.Equal(8, Assert.Single(images.GetProperty("crop").EnumerateArray()).GetInt32());
    }

    [Theory]
    [InlineData("{resize: 8}", "1.png: an image of 1x12x8, but the first is 1x8x12")]
    [InlineData("{crop: 9}", "9x9 does not fit")]
    [InlineData("{resize: 8, crop: 8, size: 8}", "s.yaml:4:34: preprocess.size: unknown key")]
    public void Run_ImagesThatDoNotFit_IsOneLineAndExitCode2(string preprocess, string expected)
    {
        using TemporaryFolder folder = WithImages();
        File.WriteAllText(folder.File("s.yaml"), Study(preprocess));

        Finished run = Qsim.RunIn(folder.Path, ["run", "s.yaml", .. Small, "--out", "r"]);

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains(expected, Assert.Single(run.Error.TrimEnd('\n').Split('\n')));
        Assert.False(Directory.Exists(folder.File("r")));
    }

    private static string Study(string preprocess) =>
        $"schema: qsim/study/1\ndata: d.csv\nnetwork: net.yaml\npreprocess: {preprocess}\n";

    private static int[] Clean(string results) =>
    [
        .. JsonDocument.Parse(File.ReadAllText(results)).RootElement.GetProperty("accuracy")
            .EnumerateArray().Where(c => c.GetProperty("attack").GetString() == "none")
            .Select(c => c.GetProperty("correct").GetInt32()),
    ];

    /// <summary>The network, and images with a bright spot where their label says.</summary>
    private static TemporaryFolder WithImages()
    {
        var folder = new TemporaryFolder();
        float[] weights = new float[Side * Side * Side * Side];
        for (int i = 0; i < Side * Side; i++) weights[(i * Side * Side) + i] = 1;
        using (FileStream file = File.Create(folder.File("w.npz")))
            NpzFile.Write(file, [("d.weight", NpyArray.Of(weights, Side * Side, Side * Side))]);
        File.WriteAllText(
            folder.File("net.yaml"),
            "schema: qsim/network/1\nweights: w.npz\nlayers: [{type: flatten}, {type: dense, "
                + "name: d}]\n");
        var rows = new List<string> { "file,label,split" };
        foreach ((int i, (int height, int width)) in Sizes.Index())
        {
            File.WriteAllBytes(
                folder.File($"{i}.png"),
                Png.File(1, height, width, Spot(height, width, Places[i])));
            foreach (string split in new[] { "train", "test" })
                rows.Add(string.Create(
                    CultureInfo.InvariantCulture, $"{i}.png,{Places[i]},{split}"));
        }

        File.WriteAllLines(folder.File("d.csv"), rows);
        return folder;
    }

    /// <summary>
    /// Grey, with a spot that is one pixel of the middle 8x8 once the shorter side is 8; longer
    /// images have a brighter line where the crop cuts it off.
    /// </summary>
    private static float[] Spot(int rows, int columns, int place)
    {
        int scale = Math.Min(rows, columns) / Side;
        int top = ((rows / scale) - Side) / 2, left = ((columns / scale) - Side) / 2;
        float[] pixels = new float[rows * columns];
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
            {
                bool isSpot = (r / scale) - top == place / Side
                    && (c / scale) - left == place % Side;
                bool isCutOff = rows != columns && (rows > columns ? r : c) < scale;
                pixels[(r * columns) + c] = isSpot ? 0.9f : isCutOff ? 1 : 0.2f;
            }

        return pixels;
    }
}
