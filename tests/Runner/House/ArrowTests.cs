using System.Reflection;
using QSim.Attacks.Gradients;
using QSim.Certificates;
using QSim.Kernels.Arithmetic;
using QSim.Silicon;
using QSim.Simulator.Networks;

namespace QSim.Runner.Tests.House;

/// <summary>
/// Kernels &lt;- Simulator &lt;- Attacks &lt;- Runner, never the other way; Certificates stand
/// beside Attacks, and neither knows the other. Silicon knows Kernels alone.
/// </summary>
public class ArrowTests
{
    private static readonly Assembly Kernels = typeof(FixedFormat).Assembly;
    private static readonly Assembly Simulator = typeof(FloatNetwork).Assembly;
    private static readonly Assembly Attacks = typeof(IGradientModel).Assembly;
    private static readonly Assembly Certificates = typeof(Verdict).Assembly;
    private static readonly Assembly Silicon = typeof(MacTwin).Assembly;
    private static readonly Assembly Runner = typeof(Cli).Assembly;

    [Fact]
    public void Kernels_ReferencesNoProject() => Assert.Empty(ProjectsOf(Kernels));

    [Fact]
    public void Simulator_ReferencesKernelsOnly() => AllowedOnly(Simulator, Kernels);

    [Fact]
    public void Attacks_ReferencesKernelsAndSimulatorOnly() =>
        AllowedOnly(Attacks, Kernels, Simulator);

    [Fact]
    public void Certificates_ReferencesKernelsAndSimulatorOnly() =>
        AllowedOnly(Certificates, Kernels, Simulator);

    [Fact]
    public void Silicon_ReferencesKernelsOnly() => AllowedOnly(Silicon, Kernels);

    [Fact]
    public void Runner_ReferencesTheOthers() =>
        AllowedOnly(Runner, Kernels, Simulator, Attacks, Certificates, Silicon);

    [Fact]
    public void Runner_IsAProgramAndShowsNoTypes() => Assert.Empty(Runner.GetExportedTypes());

    /// <summary>Each of Runner's folders uses those before it.</summary>
    [Fact]
    public void RunnersFolders_UseThoseBeforeThem()
    {
        string[] order =
        [
            "Statistics", "Output", "Data", "Studies", "Conformance", "Devices", "Explanations",
            "Silicon", "Reports", "Search", "CommandLine", "Serving", "Cluster", "Commands",
        ];
        Assert.Equal(
            order.Order(),
            Directory.GetDirectories(Path.Combine(Shared.Repository, "src", "Runner"))
                .Select(d => Path.GetFileName(d))
                .Where(d => d is not ("bin" or "obj"))
                .Order());
        Assert.Equal("", string.Join('\n',
            from file in SourceTree.Files("src/Runner")
            let folder = Array.IndexOf(order, file.Path.Split('/')[2])
            where folder >= 0
            from line in file.Lines
            where line.StartsWith("using QSim.Runner.", StringComparison.Ordinal)
            let used = line.Split('.', ';')[2]
            where Array.IndexOf(order, used) > folder
            select $"{file.Path}: {line}"));
    }

    [Fact]
    public void YamlDotNet_IsReferencedBySimulatorOnly() => Assert.DoesNotContain(
        new[] { Kernels, Attacks, Certificates, Silicon, Runner }
            .SelectMany(a => a.GetReferencedAssemblies()),
        name => name.Name == "YamlDotNet");

    [Fact]
    public void ProjectFiles_ReferenceTheirLeftNeighbourOnly() =>
        Assert.Equal(
            [
                "src/Attacks: ../Simulator/QSim.Simulator.csproj",
                "src/Certificates: ../Simulator/QSim.Simulator.csproj",
                "src/Runner: ../Attacks/QSim.Attacks.csproj",
                "src/Runner: ../Certificates/QSim.Certificates.csproj",
                "src/Runner: ../Silicon/QSim.Silicon.csproj",
                "src/Silicon: ../Kernels/QSim.Kernels.csproj",
                "src/Simulator: ../Kernels/QSim.Kernels.csproj",
            ],
            from file in Directory.GetFiles(
                Path.Combine(Shared.Repository, "src"), "*.csproj", SearchOption.AllDirectories)
            from reference in System.Xml.Linq.XDocument.Load(file).Descendants("ProjectReference")
            orderby file
            select $"src/{Path.GetFileName(Path.GetDirectoryName(file))}: "
                + $"{reference.Attribute("Include")!.Value}");

    private static void AllowedOnly(Assembly assembly, params Assembly[] allowed) =>
        Assert.Subset(allowed.Select(a => a.GetName().Name).ToHashSet(), ProjectsOf(assembly));

    private static HashSet<string?> ProjectsOf(Assembly assembly)
    {
        Assembly[] all = [Kernels, Simulator, Attacks, Certificates, Silicon, Runner];
        string?[] ours = [.. all.Select(a => a.GetName().Name)];
        return
        [.. assembly.GetReferencedAssemblies().Select(n => n.Name).Where(n => ours.Contains(n))];
    }
}
