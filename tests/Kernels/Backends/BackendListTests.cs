using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Backends;

public class BackendListTests
{
    [Fact]
    public void All_NamesAreUniqueAndEveryFamilyHasARow()
    {
        string[] names = [.. BackendList.All.Select(b => b.Name)];
        Assert.Equal(names.Distinct(), names);
        Assert.All(
            ["reference", "ilgpu-cpu", "opencl", "cuda"],
            family => Assert.Contains(names, n => n == family || n.StartsWith($"{family}:")));
    }

    [Fact]
    public void All_UnusableRows_SayWhyAndRefuseToLoad()
    {
        QuantizedProgram program = ProgramGenerator.Dense(1, 4, 1);
        foreach (IBackend backend in BackendList.All.Where(b => b.WhyUnavailable is not null))
        {
            Assert.NotEqual("", backend.WhyUnavailable);
            Assert.Equal(backend.WhyUnavailable, backend.WhyNot(program));
            Assert.Throws<NotSupportedException>(() => backend.Load(program));
        }
    }

    [Fact]
    public void Find_EveryName_FindsThatRow() =>
        Assert.All(BackendList.All, b => Assert.Same(b, BackendList.Find(b.Name)));

    [Theory]
    [InlineData("opencl")]
    [InlineData("cuda")]
    public void Find_Family_FindsItsFirstDeviceOrTheReasonForNone(string family)
    {
        IBackend found = BackendList.Find(family)!;
        Assert.True(
            found.Name == $"{family}:0"
                || (found.Name == family && found.WhyUnavailable is not null)
        );
    }

    [Fact]
    public void Find_UnknownName_FindsNothing() => Assert.Null(BackendList.Find("gpu"));

    [Fact]
    public void Best_IsUsableAndNotADebugger()
    {
        IBackend best = BackendList.Best(ProgramGenerator.Dense(1, 4, 1));
        Assert.Null(best.WhyUnavailable);
        Assert.NotEqual("ilgpu-cpu", best.Name);
    }

    /// <summary>Without ILGPU its tests are not compiled in: this one says so.</summary>
    [SkippableFact]
    public void Ilgpu_IsBuiltIn()
    {
        IBackend row = BackendList.Find("ilgpu-cpu")!;
        Skip.If(
            row is UnavailableBackend, $"the tests of tests/Kernels/Ilgpu: {row.WhyUnavailable}");
        Assert.Null(row.WhyUnavailable);
    }
}
