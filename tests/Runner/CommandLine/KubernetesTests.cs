using YamlDotNet.RepresentationModel;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>The manifest that <c>qsim submit --kubernetes</c> writes, read as YAML.</summary>
public sealed class KubernetesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Submit_Kubernetes_WritesAnIndexedJobAndOneThatWaits()
    {
        File.WriteAllText(
            _folder.File("s.yaml"),
            "schema: qsim/study/1\nname: My_Study\nimages: 4\nepsilons: [0.1]\n");
        Finished run = Qsim.RunIn(
            _folder.Path, "submit", "s.yaml", "--kubernetes", "--image", "me/qsim:1.0", "--volume",
            "work", "--namespace", "lab", "--array-size", "4", "--max-running", "2", "--gpus", "1",
            "--memory", "8Gi", "--mount", "/data", "--out", "runs/mine");

        Assert.Equal(0, run.ExitCode);
        string file = _folder.File("runs/mine/kubernetes.yaml");
        Assert.Contains($"kubectl apply -f {file}", run.Out);
        var yaml = new YamlStream();
        using (var reader = new StreamReader(file)) yaml.Load(reader);
        Assert.Equal(2, yaml.Documents.Count);
        YamlNode tasks = yaml.Documents[0].RootNode, end = yaml.Documents[1].RootNode;
        Assert.Equal(
            ("batch/v1", "Job", "lab", "Indexed", "4", "2", "3", "Never"),
            (Text(tasks, "apiVersion"), Text(tasks, "kind"), Text(tasks, "metadata", "namespace"),
                Text(tasks, "spec", "completionMode"), Text(tasks, "spec", "completions"),
                Text(tasks, "spec", "parallelism"), Text(tasks, "spec", "backoffLimitPerIndex"),
                Text(tasks, "spec", "template", "spec", "restartPolicy")));
        Assert.Matches("^qsim-my-study-[0-9a-f]{8}$", Text(tasks, "metadata", "name"));
        Assert.Equal(
            $"{Text(tasks, "metadata", "name")}-end", Text(end, "metadata", "name"));
        var rules = (YamlSequenceNode)tasks["spec"]["podFailurePolicy"]["rules"];
        Assert.Equal(["Ignore", "FailIndex"], rules.Select(r => Text(r, "action")));
        Assert.Equal(
            ["work", "/data/runs/mine", "--task", "1-4", "--quiet", "--index",
                "$(JOB_COMPLETION_INDEX)"],
            Words(Container(tasks)["args"]));
        Assert.Equal(
            ["work", "/data/runs/mine", "--finish", "--quiet", "--wait"],
            Words(Container(end)["args"]));
        Assert.Equal(
            ("qsim", "me/qsim:1.0", "/data", "/data", "1", "8Gi"),
            (Text(Container(tasks), "name"), Text(Container(tasks), "image"),
                Text(Container(tasks), "workingDir"),
                Text(Container(tasks)["volumeMounts"][0], "mountPath"),
                Text(Container(tasks), "resources", "limits", "nvidia.com/gpu"),
                Text(Container(tasks), "resources", "requests", "memory")));
        Assert.Equal("work", Text(
            tasks["spec"]["template"]["spec"]["volumes"][0], "persistentVolumeClaim", "claimName"));
    }

    [Fact]
    public void Submit_KubernetesWithARunElsewhere_IsRefused()
    {
        File.WriteAllText(
            _folder.File("s.yaml"), "schema: qsim/study/1\nimages: 4\nepsilons: [0.1]\n");
        Finished run = Qsim.RunIn(
            _folder.Path, "submit", "s.yaml", "--kubernetes", "--image", "q", "--volume", "w",
            "--array-size", "2", "--out", "../elsewhere");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("is outside the current folder, which is what --volume holds", run.Error);
    }

    /// <summary>Kubernetes replaces $(NAME) and $$ in arguments; YAML takes 123 for a number.
    /// </summary>
    [Fact]
    public void Submit_KubernetesWithOddNames_KeepsThem()
    {
        string folder = _folder.File("a$(HOME) b$$c");
        Directory.CreateDirectory(folder);
        File.WriteAllText(
            Path.Combine(folder, "s.yaml"),
            "schema: qsim/study/1\nname: A.b_C-\nimages: 4\nepsilons: [0.1]\n");
        Finished run = Qsim.RunIn(
            folder, "submit", "s.yaml", "--kubernetes", "--image", "q", "--volume", "w.x",
            "--namespace", "123", "--array-size", "2", "--out", "r");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"kubectl apply -f '{folder}/r/kubernetes.yaml'", run.Out);
        string text = File.ReadAllText(Path.Combine(folder, "r", "kubernetes.yaml"));
        Assert.Contains("  namespace: \"123\"\n", text);
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        YamlNode tasks = yaml.Documents[0].RootNode;
        Assert.Matches("^qsim-a-b-c--[0-9a-f]{8}$", Text(tasks, "metadata", "name"));
        Assert.Equal(
            folder.Replace("$", "$$") + "/r",
            Words(Container(tasks)["args"]).ElementAt(1));
        Assert.Equal(folder, Text(Container(tasks), "workingDir"));
    }

    /// <summary>Pods see the current folder, under the mount.</summary>
    [Fact]
    public void Submit_KubernetesWithFilesThatPodsDoNotSee_IsRefused()
    {
        string here = Directory.CreateDirectory(_folder.File("here/data")).Parent!.FullName;
        Directory.CreateDirectory(_folder.File("elsewhere"));
        File.WriteAllText(
            Path.Combine(here, "s.yaml"),
            "schema: qsim/study/1\nname: k\nimages: 4\nepsilons: [0.1]\n");
        Finished Submit(params string[] how) => Qsim.RunIn(
            here, ["submit", "s.yaml", "--kubernetes", "--image", "q", "--volume", "w",
                "--array-size", "2", "--out", "r", "--dry-run", .. how]);

        Finished outside = Submit("--data-dir", "../elsewhere");
        Finished moved = Submit("--mount", "/work", "--data-dir", $"{here}/data");
        Finished cache = Submit("--cache", _folder.File("elsewhere"));

        Assert.Equal((2, 2, 2), (outside.ExitCode, moved.ExitCode, cache.ExitCode));
        Assert.Contains("../elsewhere: is outside the current folder", outside.Error);
        Assert.Contains("elsewhere: is outside the current folder", cache.Error);
        Assert.Contains(
            $"{here}/data: is not there under --mount /work (name it without", moved.Error);
        Assert.Equal(0, Submit("--mount", "/work", "--data-dir", "data").ExitCode);
        Assert.Equal(0, Submit("--data-dir", $"{here}/data").ExitCode);
    }

    private static YamlNode Container(YamlNode job) =>
        job["spec"]["template"]["spec"]["containers"][0];

    private static IEnumerable<string?> Words(YamlNode list) =>
        ((YamlSequenceNode)list).Select(w => ((YamlScalarNode)w).Value);

    private static string Text(YamlNode node, params string[] path) =>
        ((YamlScalarNode)path.Aggregate(node, (at, key) => at[key])).Value!;
}
