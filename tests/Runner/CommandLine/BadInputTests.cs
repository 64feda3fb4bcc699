namespace QSim.Runner.Tests.CommandLine;

/// <summary>
/// Whatever is wrong: one line on stderr, nothing on stdout, exit code 2, no folder left behind.
/// </summary>
public class BadInputTests
{
    [Theory]
    [InlineData("unknown command or argument 'profles', did you mean 'profiles'?", "profles")]
    [InlineData("unknown option '--sed', did you mean '--seed'?", "run --sed 3")]
    [InlineData("unknown option '--sed', did you mean '--seed'?", "run --sed")]
    [InlineData(
        "unknown option '--epsilon', did you mean '--epsilons'?",
        "run --profile int4 --epsilon 8/255")]
    [InlineData("unknown option '--imges', did you mean '--images'?", "run --data --imges 5")]
    [InlineData("several values of --attacks are separated by", "run --attacks fgsm pgd 3")]
    [InlineData("unknown argument 'pgd'; several values of --attacks", "run --attacks fgsm pgd")]
    [InlineData("nowhere.yaml: there is no such file", "run --profile int4 nowhere.yaml")]
    [InlineData("int: there is no such file; did you mean 'int.yaml'?", "run int")]
    [InlineData("int: there is no such file, and no shipped profile of that name; did you mean "
        + "'int.yaml'? (shipped: ", "run --profile int")]
    [InlineData("nowhere.csv: there is no such file", "conform nowhere.csv")]
    [InlineData("'-1' for option '--seed': it is not a whole number from 0", "run --seed -1")]
    [InlineData("seed 9223372036854775808 (supported: 0..", "run --seed 9223372036854775808")]
    [InlineData("seeds: 'qsim certify' proves for one, not 2", "certify seeds.yaml")]
    [InlineData("--simulator 'modelsim' (supported: verilator, icarus)",
        "rtl check --simulator modelsim")]
    [InlineData("full: is a folder where a file is needed", "attack-check full")]
    [InlineData("bad: there is no such file; did you mean 'bad.npz'?", "attack-check bad")]
    [InlineData("--socket full: is a folder where a socket is to be", "serve --socket full")]
    [InlineData("'many' for option '--images': it is not a whole number", "run --images many")]
    [InlineData(
        "images 501: there are 500 test images of digits (supported: 1..500)", "run --images 501")]
    [InlineData("images 0: there are 500", "run --images 0")]
    [InlineData("epochs 0 (supported: 1..100000)", "run --epochs 0")]
    [InlineData("epochs 100001 (supported: 1..100000)", "run --epochs 100001")]
    [InlineData("--threads -1 (supported: 0..1024)", "run --threads -1")]
    [InlineData("--threads 100000 (supported: 0..1024)", "run --threads 100000")]
    [InlineData("--epsilons ',' is empty", "run --epsilons ,")]
    [InlineData("--attacks '' is empty", "run --attacks ")]
    [InlineData("--profile '' is empty", "run --profile ")]
    [InlineData("--out is empty: name a folder", "run --out ")]
    [InlineData("--cache is empty: name a folder", "run --cache ")]
    [InlineData("the study's name is empty", "run ")]
    [InlineData(
        "'1e300' is not a valid epsilon (supported under l2: 0..",
        "run --norm l2 --epsilons 1e300")]
    [InlineData("for 0-255 pixels write 16/255", "run --epsilons 16")]
    [InlineData("empty.yaml:2:11: profiles: an empty list", "run empty.yaml")]
    [InlineData("full: is a folder, not a study", "run full")]
    [InlineData("net.onnx: is a network, not a study (needed: a YAML file;", "run net.onnx")]
    [InlineData("'9/8' is not a valid epsilon; for 0-255 pixels write 8/255", "run --epsilons 9/8")]
    [InlineData("'big' is not a valid epsilon", "run --epsilons 0.1,big")]
    [InlineData("'1/0' is not a valid epsilon", "run --epsilons 1/0")]
    [InlineData("unknown attack 'pdg'; did you mean 'pgd'?", "run --attacks pdg")]
    [InlineData(
        "unknown gradient engine 'manged'; did you mean 'managed'?", "run --gradients manged")]
    [InlineData("unknown attack 'pgd-0'", "run --attacks pgd-0")]
    [InlineData(
        "unknown threat model 'white' (supported: transfer, hardware, score, label)",
        "run --threat white")]
    [InlineData("unknown dataset 'cifar' (supported: digits,", "run --data cifar")]
    [InlineData(
        "unknown network 'digits-cn'; did you mean 'digits-cnn'?", "run --network digits-cn")]
    [InlineData("network 'mlp' takes 1x28x28 images", "run --network mlp")]
    // Not usable without OpenCL, unknown where there are fewer devices.
    [InlineData("backend 'opencl:7'", "run --backend opencl:7")]
    [InlineData("unknown backend 'refrence'; did you mean 'reference'?", "run --backend refrence")]
    [InlineData("int-4: there is no such file, and no shipped profile", "run --profile int-4")]
    [InlineData("two profiles are called 'int4'", "run --profile int4 --profile int4.yaml")]
    [InlineData("nowhere: no such folder (given by --data-dir)", "run --data-dir nowhere")]
    [InlineData("mnist: not found in ./mnist", "run --data mnist --network mlp --data-dir .")]
    [InlineData(
        "bad.yaml:5:23: mac.accumulator.bits: 72 is more than 64", "run --profile bad.yaml")]
    [InlineData("nowhere.yaml: there is no such file", "run nowhere.yaml")]
    [InlineData("study.yaml:3:1: epsilon: unknown key; did you mean 'epsilons'?", "run study.yaml")]
    [InlineData("swept.yaml:3:32: mac.accumulator.bits: 72 is more than 64", "run swept.yaml")]
    [InlineData(
        "swept.yaml:3:32: mac.accumulator.bits: 72 is more than 64", "run swept.yaml --dry-run")]
    [InlineData("'3/2' is not a valid --shard", "run --shard 3/2 --epsilons 0.1")]
    [InlineData("n up to 999999)", "run --shard 1/1000000 --epsilons 0.1")]
    [InlineData("--shard needs --epsilons", "run --shard 1/2")]
    [InlineData("--max-minutes 0 (supported: above 0", "run --max-minutes 0")]
    [InlineData(
        "attack 'fgsm' needs gradients, but threat model 'score' shows only scores",
        "run --threat score")]
    [InlineData("full: holds no run", "merge whole full")]
    [InlineData("nowhere: no such folder", "ls nowhere")]
    [InlineData("name a folder, found ''", "ls ")]
    [InlineData("name a folder, found ''", "report ")]
    [InlineData("int4.yaml: is a file where a folder is needed", "ls int4.yaml")]
    [InlineData("int4.yaml: is a file where a folder is needed", "status int4.yaml")]
    [InlineData("int4.yaml: is a file where a folder is needed", "merge whole int4.yaml")]
    [InlineData("int4.yaml: is a file where a folder is needed", "run --data-dir int4.yaml")]
    [InlineData(
        "gone.npz: there is no such file", "inspect mlp --profile bad.yaml --golden gone.npz")]
    [InlineData("--socket is empty: name a path", "serve --socket ")]
    [InlineData("--show: 0 or more is needed", "conform int4.yaml --show -1")]
    [InlineData("--data is for a network", "profiles explain int4 --data digits")]
    [InlineData("certify nodes 0 (supported: 1..", "run --certify-nodes 0")]
    [InlineData("certify seconds -1 (supported: 1..", "run --certify-seconds -1")]
    [InlineData("full: is not empty and holds no run", "run --out full")]
    [InlineData("int4.yaml: is a file where a folder is needed", "run --out int4.yaml")]
    [InlineData("/dev/null/x: /dev/null is not a folder (--out)", "run --out /dev/null/x")]
    public void BadInput_IsOneLineAndExitCode2(string expected, string commandLine)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("int4.yaml"), Qsim.Run("profiles", "show", "int4").Out);
        File.WriteAllText(folder.File("int.yaml"), "");
        File.WriteAllText(folder.File("bad.yaml"), """
            schema: qsim/hardware-profile/1
            name: bad
            extends: int8-wide
            mac:
              accumulator: {bits: 72}
            """
        );
        File.WriteAllText(
            folder.File("study.yaml"), "schema: qsim/study/1\nname: s\nepsilon: [0.1]\n");
        File.WriteAllText(
            folder.File("swept.yaml"),
            "schema: qsim/study/1\nprofiles: [int8-wide]\nsweep: {mac.accumulator.bits: [72]}\n");
        File.WriteAllBytes(folder.File("net.onnx"), [0x08, 0xFF]);
        File.WriteAllText(folder.File("empty.yaml"), "schema: qsim/study/1\nprofiles: []\n");
        File.WriteAllText(folder.File("seeds.yaml"), "schema: qsim/study/1\nseeds: [1, 2]\n");
        File.WriteAllText(folder.File("bad.npz"), "");
        Directory.CreateDirectory(folder.File("full/of"));

        Finished finished = Qsim.RunIn(folder.Path, commandLine.Split(' '));

        Assert.Equal(2, finished.ExitCode);
        Assert.Contains(expected, finished.Error);
        Assert.Matches(@"^(qsim|[\w.-]+(:\d+:\d+)?): ", finished.Error);
        Assert.Single(finished.Error.TrimEnd('\n').Split('\n'));
        Assert.Equal("", finished.Out);
        Assert.False(Directory.Exists(folder.File("runs")));
    }

    [Theory]
    [InlineData("run --restarts @")]
    [InlineData("run --@")]
    [InlineData("@")]
    [InlineData("run --backend @ --images 3")]
    [InlineData("run --epsilons @")]
    [InlineData("cost --target @")]
    [InlineData("run @.yaml")]
    public void BadInput_OfALongWord_IsAShortLine(string commandLine)
    {
        using var folder = new TemporaryFolder();

        Finished finished = Qsim.RunIn(
            folder.Path, commandLine.Replace("@", new string('u', 5000)).Split(' '));

        Assert.Equal(2, finished.ExitCode);
        Assert.All(
            finished.Error.TrimEnd('\n').Split('\n'), line => Assert.InRange(line.Length, 1, 360));
    }

    [Fact]
    public void AccessDenied_NamesTheFileTheFolderThatIsThereAndTheReason()
    {
        using var folder = new TemporaryFolder();
        var error = new StringWriter();
        var screen = new QSim.Runner.Output.Screen(new StringWriter(), error, false, false, false);
        string path = folder.File("runs/today/cells.lock");

        QSim.Runner.CommandLine.Failures.Report(
            new UnauthorizedAccessException($"Access to the path '{path}' is denied."), screen);

        Assert.Equal(
            $"qsim: {path}: permission denied (folder {folder.Path.TrimEnd('/')})\n",
            error.ToString());
    }

    [Fact]
    public void InternalError_IsOneLineThatSaysHowToGetTheTrace()
    {
        var error = new StringWriter();
        var screen = new QSim.Runner.Output.Screen(new StringWriter(), error, false, false, false);

        QSim.Runner.CommandLine.ExitCode code = QSim.Runner.CommandLine.Failures.Report(
            new InvalidOperationException("no\nway"), screen);

        Assert.Equal(QSim.Runner.CommandLine.ExitCode.InternalError, code);
        Assert.Single(error.ToString().TrimEnd().Split('\n'));
        Assert.Contains("no way", error.ToString());
        Assert.Contains("QSIM_TRACE=1 shows the trace", error.ToString());
    }
}
