using System.Reflection;
using PublicApiGenerator;
using QSim.Attacks.Evaluation;
using QSim.Certificates;
using QSim.Kernels.Backends;
using QSim.Silicon;
using QSim.Simulator;

namespace QSim.Runner.Tests.Packages;

/// <summary>
/// What other people's programs may use, as it stands in the files beside: whoever changes it sees
/// it. <c>QSIM_WRITE_REFERENCE=1</c> writes them.
/// </summary>
public class PublicApiTests
{
    public static TheoryData<string> Libraries => [.. Assemblies.Keys];

    private static readonly Dictionary<string, Assembly> Assemblies = new Type[]
    {
        typeof(BackendList), typeof(Simulation), typeof(Evaluation), typeof(IntervalCertifier),
        typeof(MacTwin),
    }.ToDictionary(t => t.Assembly.GetName().Name!, t => t.Assembly);

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Listing_IsWhatIsPublic(string library)
    {
        string listing = Assemblies[library].GeneratePublicApi(new ApiGeneratorOptions
        {
            IncludeAssemblyAttributes = false,
        }).ReplaceLineEndings("\n");
        string path = Path.Combine(
            Shared.Repository, "tests", "Runner", "Packages", $"{library}.txt");
        if (Environment.GetEnvironmentVariable("QSIM_WRITE_REFERENCE") == "1")
            File.WriteAllText(path, listing + "\n");
        Assert.Equal(File.ReadAllText(path).TrimEnd(), listing.TrimEnd());
    }

    [Fact]
    public void Command_HasNothingPublic() =>
        Assert.Empty(typeof(Cli).Assembly.GetExportedTypes().Select(t => t.FullName));
}
