using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using QSim.Attacks.Gradients.Ilgpu;
using QSim.Kernels.Tests.Ilgpu;

namespace QSim.Attacks.Tests.Ilgpu;

/// <summary>
/// What can be read off gradient kernels where there is no device to run them on.
/// </summary>
public partial class GradientTextTests
{
    /// <summary>
    /// Every kernel, found as what takes an index, and the one of whole groups; those compiled for
    /// a window stand in <see cref="ConstantWindows"/>.
    /// </summary>
    private static readonly Dictionary<string, MethodInfo> Kernels =
        typeof(GradientKernels).Assembly.GetTypes()
            .Where(t => t.Namespace == typeof(GradientKernels).Namespace)
            .Append(typeof(ConstantWindows))
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Where(IsKernel)
            .ToDictionary(m => $"{m.DeclaringType!.Name}.{m.Name}");

    public static TheoryData<string> Names => [.. Kernels.Keys];

    /// <summary>
    /// As many as there are launchers: the device's own, and those that a step brings along.
    /// </summary>
    [Fact]
    public void Kernels_AreThoseThatAreLaunched()
    {
        int launchers = typeof(GradientKernels).GetProperties()
            .Count(p => p.PropertyType.IsSubclassOf(typeof(Delegate)));
        int compiled = typeof(GradientKernels).GetProperties()
            .Count(p => p.Name.EndsWith("Compiled", StringComparison.Ordinal));
        int brought = typeof(GradientKernels).Assembly.GetTypes()
            .SelectMany(t => t.GetMethods(
                BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Count(IsLoader);
        Assert.Equal(
            launchers - compiled + brought,
            Kernels.Values.Count(k => k.DeclaringType != typeof(ConstantWindows)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryKernel_GeneratesPtx_WithoutAtomics(string name)
    {
        string text = DeviceText.Ptx(Kernels[name], CudaArchitecture.SM_80);
        Assert.Contains(".target sm_80", text);
        Assert.DoesNotMatch(@"\b(atom|red)\.", text);
    }

    /// <summary>
    /// Doubles, which not every device has, are where bits have to be the host's: without them a
    /// climb with hardware is not offered, and the bounds of another are the host's.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void EveryKernel_GeneratesOpenClC_WithDoublesOnlyWhereHardwareNeedsThem(string name)
    {
        string text = DeviceText.OpenCl(Kernels[name]);
        Assert.Contains("kernel void", text);
        bool mayHave = name
            is "ClimbKernels.Quantize" or "ClimbKernels.Dequantize" or "ClimbKernels.Bound";
        Assert.Equal(mayHave, text.Contains("double "));
    }

    [Theory]
    [InlineData("ConstantWindows.Slide5X5", 32)]
    [InlineData("ProductKernels.Point", 32)]
    [InlineData("DenseKernel.Run", 32)]
    [InlineData("ConstantWindows.Narrow5X5", 8)]
    public void Products_InnerLoop_IsInRegistersWithoutDivision(string name, int products)
    {
        string text = DeviceText.Ptx(Kernels[name], CudaArchitecture.SM_80);
        Assert.DoesNotContain(".local", text);
        Assert.True(
            Regex.Count(text, @"\b(fma\.rn|mul)\.f32") >= products,
            $"{Regex.Count(text, @"\b(fma\.rn|mul)\.f32")} products");
    }

    /// <summary>
    /// All loads of a row of the kernel from one address, and without a branch between: what is
    /// asked and added at each of them costs more than its products.
    /// </summary>
    [Theory]
    [InlineData("ConstantWindows.Slide5X5", 8 + 10)]
    [InlineData("ConstantWindows.Narrow5X5", 12 + 5)]
    public void Rows_AreReadFromOneAddress_WithoutBranches(string name, int loads)
    {
        string text = DeviceText.Ptx(Kernels[name], CudaArchitecture.SM_80);
        string row = text.Split("\n\n").MaxBy(b => Regex.Count(b, @"\bld\.global"))!;
        Assert.Equal(loads, Regex.Count(row, @"\bld\.global"));

        // One address of values and one of weights; the others are constants further.
        Assert.Equal(2, Regex.Count(row, @"\bmad\.lo\.u64\s+%rd\d+, %rd"));
        Assert.True(Regex.Count(row, @"\bset[pm]|\bselp") <= 1, row);
    }

    /// <summary>A lambda that <see cref="GradientKernels.Of{TLauncher}"/> takes.</summary>
    private static bool IsLoader(MethodInfo method) =>
        method.GetParameters() is [{ ParameterType: { } only }] && only == typeof(Accelerator)
            && method.ReturnType.IsSubclassOf(typeof(Delegate));

    private static bool IsKernel(MethodInfo method) =>
        method.GetParameters() is [{ ParameterType: var first }, .. var rest]
        && (first == typeof(Index1D) || method.DeclaringType == typeof(DenseKernel))
        && !rest.Any(p => p.ParameterType.Name.StartsWith("Specialized", StringComparison.Ordinal));
}

/// <summary>Product kernels with their windows in place, as a GPU's are compiled.</summary>
internal static class ConstantWindows
{
    private static ProductWindow Five => new(5, 5, 1, 1, 1, 1, 1, 1);

    /// <summary>LeNet-5's second convolution.</summary>
    private static ProductShape Second => new()
    {
        Depth = 6,
        Filters = 16,
        Groups = 1,
        FromRows = 14,
        FromColumns = 14,
        FromRow = 14 * 32,
        FromColumn = 32,
        FromChannel = 196 * 32,
        FromBlock = 6 * 196 * 32,
        ToRows = 10,
        ToColumns = 10,
        ToRow = 320,
        ToColumn = 32,
        ToChannel = 3200,
        ToBlock = 16 * 3200,
    };

    public static void Slide5X5(
        Index1D index, ProductOperands operands, Target target, Ending ending) =>
        ProductKernels.SlideTile(index, operands, target, Second, ending, Five, Second.Filters);

    public static void MaxPool2X2(Index1D index, ArrayView<float> from, ArrayView<float> to) =>
        PoolKernels.Max(index, from, to, Pool);

    public static void SpreadMaxPool2X2(
        Index1D index, ArrayView<float> from, ArrayView<float> gradient, Target target,
        Ending ending) => PoolKernels.SpreadMax(index, from, gradient, target, Pool, ending);

    private static PoolShape Pool => new()
    {
        FromRows = 28,
        FromColumns = 28,
        ToRows = 14,
        ToColumns = 14,
        Rows = 2,
        Columns = 2,
        StrideRows = 2,
        StrideColumns = 2,
        DilationRows = 1,
        DilationColumns = 1,
    };

    public static void Strided3X3(
        Index1D index, ProductOperands operands, Target target, ProductShape shape, Ending ending)
        => ProductKernels.Walk(
            index, operands, target, shape, ending, new(3, 3, 2, 2, 1, 1, 1, 1));

    public static void Narrow5X5(
        Index1D index, NarrowOperands operands, Target target, ProductShape shape, Ending ending)
        => NarrowKernel.Slide(index, operands, target, shape, ending, Five);
}
