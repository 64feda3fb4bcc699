using System.Diagnostics;
using System.IO.Compression;
using System.Text.RegularExpressions;
using QSim.Runner.Tests.CommandLine;

namespace QSim.Runner.Tests.Packages;

/// <summary>
/// Packages are made of what was built, and used as a stranger would: the command installed from a
/// folder, the README's C# as a program of its own.
/// </summary>
public partial class PackageTests
{
    private static readonly string Configuration =
        AppContext.BaseDirectory.Split(Path.DirectorySeparatorChar)[^3];

    [Fact]
    public void Packages_FromAFolder_InstallAndRun()
    {
        using var folder = new TemporaryFolder();
        string packages = Path.Combine(folder.Path, "packages");
        Dotnet(
            Shared.Repository, "pack", "QSim.sln", "-c", Configuration, "--no-build",
            "-o", packages);

        string[] names = [.. Directory.GetFiles(packages).Select(f => Path.GetFileName(f)!)];
        string[] libraries = ["Kernels", "Simulator", "Attacks", "Certificates", "Silicon"];
        foreach (string name in libraries)
        {
            Assert.Contains($"QSim.{name}.0.1.0.nupkg", names);
            Assert.Contains($"QSim.{name}.0.1.0.snupkg", names);
            using ZipArchive package = ZipFile.OpenRead(
                Path.Combine(packages, $"QSim.{name}.0.1.0.nupkg"));
            Assert.Contains(package.Entries, e => e.FullName == "README.md");
            Assert.Contains(package.Entries, e => e.Name == $"QSim.{name}.xml");
        }

        InstallsTheCommand(folder.Path, packages);
        RunsTheReadme(folder.Path, packages);
    }

    private static void InstallsTheCommand(string folder, string packages)
    {
        string tools = Path.Combine(folder, "tools");
        Dotnet(
            folder, "tool", "install", "qsim", "--tool-path", tools, "--add-source", packages);
        Assert.Equal(
            Qsim.Run("convert", "7.97", "--to", "fixed<8,4>").Out,
            Finish(folder, Path.Combine(tools, "qsim"), "convert", "7.97", "--to", "fixed<8,4>"));
    }

    private static void RunsTheReadme(string folder, string packages)
    {
        string program = Directory.CreateDirectory(Path.Combine(folder, "program")).FullName;
        ExampleFiles.WriteTo(program);
        File.WriteAllText(Path.Combine(program, "program.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <NuGetAudit>false</NuGetAudit>
                <RestoreSources>{packages}</RestoreSources>
                <RestorePackagesPath>{Path.Combine(folder, "restored")}</RestorePackagesPath>
                <RestoreFallbackFolders>{GlobalPackages()}</RestoreFallbackFolders>
                <NoWarn>NU1603</NoWarn>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="QSim.Attacks" Version="0.1.0" /></ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(program, "Program.cs"), Readme());

        string said = Dotnet(program, "run", "-c", "Release");

        Match figures = Figures().Match(said);
        Assert.True(figures.Success, said);
        double clean = double.Parse(figures.Groups["clean"].Value);
        double robust = double.Parse(figures.Groups["robust"].Value);
        Assert.InRange(clean, 70, 100);
        Assert.InRange(robust, 0, clean - 1);
        Assert.Matches(@"(?m)^logits of image 0:( -?\d+){10}$", said);
        Assert.Matches(@"(?m)^\S+ Accumulator: \d+ of them overflowed$", said);
    }

    private static string Readme() =>
        "using QSim.Kernels.Backends;\n" + Code("docs/csharp.md", "csharp usings")
            + Code("README.md", "csharp") + Code("docs/csharp.md", "csharp bits");

    private static string Code(string document, string kind) => Blocks()
        .Matches(File.ReadAllText(Path.Combine(Shared.Repository, document)))
        .First(b => b.Groups["kind"].Value == kind).Groups["code"].Value;

    private static string GlobalPackages() => Dotnet(
        Shared.Repository, "nuget", "locals", "global-packages", "--list")
        .Split(": ", 2)[1].Trim();

    private static string Dotnet(string folder, params string[] arguments) =>
        Finish(folder, Environment.ProcessPath!, arguments);

    private static string Finish(string folder, string program, params string[] arguments)
    {
        Finished run = Ends.Of(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_NOLOGO"] = "1", ["DOTNET_CLI_UI_LANGUAGE"] = "en" },
        });
        Assert.True(
            run.ExitCode == 0,
            $"{program} {string.Join(' ', arguments)}: {run.Out}{run.Error}");
        return run.Out;
    }

    [GeneratedRegex(@"^```(?<kind>[^\n]*)\n(?<code>.*?)^```", RegexOptions.Multiline
        | RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"clean (?<clean>[\d.]+) ?%, robust (?<robust>[\d.]+) ?%")]
    private static partial Regex Figures();
}
