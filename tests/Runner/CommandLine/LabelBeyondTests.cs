using QSim.Runner.Output;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>
/// Labels that a network has no logit for: what says them is named, file and line where it has
/// lines.
/// </summary>
public class LabelBeyondTests
{
    private const string But = ", but network 'lenet' has 5 logits (supported: 0..4)";

    private static readonly byte[] Grey = Png.File(1, 12, 12, new float[144]);

    [Theory]
    [InlineData("--data d.npz --label-map 0,1,2,77,3", "label map 77")]
    [InlineData("--data seven.npz", "seven.npz: y_train: label 2 is 6")]
    [InlineData("--data numbers.csv", "numbers.csv:3: label 77")]
    [InlineData("--data names.csv", "names.csv:7: label f is class 5 of 6")]
    [InlineData(
        "--data names.csv --label-map a=0,b=1,c=2,d=3,e=4,f=77", "label map f=77")]
    [InlineData("--data folder", "folder/train/f is class 5 of 6")]
    [InlineData("mapped.yaml", "mapped.yaml:3:19: label map 77")]
    public void Run_LabelBeyondTheLogits_NamesWhatSaysIt(string arguments, string expected)
    {
        using TemporaryFolder folder = Files();

        Finished run = Qsim.RunIn(
            folder.Path, ["run", .. arguments.Split(' '), "--network", "lenet.onnx"]);

        Assert.Equal(
            (2, $"qsim: {expected}{But}\n", ""), (run.ExitCode, run.Error, run.Out));
    }

    [Fact]
    public void Run_StudysMapThatDoesNotFit_IsNamedAtItsPlace()
    {
        using TemporaryFolder folder = Files();
        File.WriteAllText(
            folder.File("s.yaml"),
            "schema: qsim/study/1\ndata: names.csv\nlabel_map: [a=0, b=1, g=2]\n");

        Finished run = Qsim.RunIn(folder.Path, "run", "s.yaml", "--network", "lenet.onnx");

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith(
            "qsim: s.yaml:3:23: label map g=2: names has no class 'g'", run.Error);
    }

    private static TemporaryFolder Files()
    {
        TemporaryFolder folder = OwnNetwork.LeNet();
        File.WriteAllBytes(folder.File("i.png"), Grey);
        File.WriteAllText(folder.File("numbers.csv"), "file,label\ni.png,0\ni.png,77\n");
        File.WriteAllText(
            folder.File("names.csv"),
            "file,label\n" + string.Concat("abcdef".Select(c => $"i.png,{c}\n")));
        foreach (string part in (string[])["train", "test"])
            foreach (char name in "abcdef")
            {
                string path = Directory.CreateDirectory(
                    folder.File($"folder/{part}/{name}")).FullName;
                File.WriteAllBytes(Path.Combine(path, "i.png"), Grey);
            }

        File.WriteAllText(
            folder.File("mapped.yaml"),
            "schema: qsim/study/1\ndata: d.npz\nlabel_map: [0, 1, 77, 3, 4]\n");
        return folder;
    }
}
