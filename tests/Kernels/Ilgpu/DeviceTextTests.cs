using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Runtime.Cuda;
using QSim.CudaDriver.Driver;
using QSim.Kernels.Backends.Ilgpu.General;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>What can be read off kernels where there is no device to run them on.</summary>
public partial class DeviceTextTests
{
    /// <summary>
    /// Kernels whose text is read, by a name for them: all that take an index, and with constant
    /// modes those of <see cref="ConstantModes"/>.
    /// </summary>
    internal static readonly Dictionary<string, MethodInfo> Kernels =
        typeof(MacKernel).Assembly.GetTypes().SelectMany(Static).Where(IsKernel)
            .Select(m => (Name: $"{m.DeclaringType!.Name}.{m.Name}", Method: m))
            .Concat(Static(typeof(ConstantModes)).Select(m => (m.Name, Method: m)))
            .ToDictionary(k => k.Name, k => k.Method);

    /// <summary>
    /// Users wait for NVIDIA's assembler: functions that were written out where one would do, once
    /// for each mode, have made it 1.2 million.
    /// </summary>
    private const int MostCharacters = 700_000;

    public static TheoryData<string> Names => [.. Kernels.Keys];

    public static TheoryData<string> WithConstantModes =>
        [.. Static(typeof(ConstantModes)).Select(m => m.Name)];

    /// <summary>Registers, types and labels are as an assembler wants them, too.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void EveryKernel_GeneratesPtx(string name)
    {
        string text = DeviceText.Ptx(Kernels[name], CudaArchitecture.SM_80);

        // Branching on all modes it is only for devices that do not compile for one of them.
        if (name != "FloatKernels.Point") Assert.InRange(text.Length, 1, MostCharacters);
        Assert.Contains(".target sm_80", text);
        Assert.NotEqual(0, new Card().Load(text));
    }

    /// <summary>ILGPU 1.5.3 writes sm_80 for everything newer, which newer devices run.</summary>
    [Theory]
    [MemberData(nameof(WithConstantModes))]
    public void Kernel_ForOtherCards_GeneratesPtx(string name)
    {
        Assert.Contains(".target sm_70", DeviceText.Ptx(Kernels[name], CudaArchitecture.SM_70));
        string newest = DeviceText.Ptx(Kernels[name], CudaArchitecture.SM_90);
        Assert.Contains(".target sm_80", newest);
        Assert.InRange(newest.Length, 1, MostCharacters / 4);
    }

    /// <summary>Results do not depend on the order in which threads come.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void EveryKernel_HasNoAtomics(string name) => Assert.DoesNotMatch(
        @"\b(atom|red)\.", DeviceText.Ptx(Kernels[name], CudaArchitecture.SM_80));

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryKernel_GeneratesOpenClC(string name) =>
        Assert.Contains("kernel void", DeviceText.OpenCl(Kernels[name]));

    [Theory]
    [InlineData("SignedDots", "dp4a.s32.s32", 32)]
    [InlineData("UnsignedDots", "dp4a.u32.s32", 32)]
    [InlineData("MagnitudeDots", "dp4a.u32.u32", 32)]
    [InlineData("SignedTensors", "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32", 8)]
    [InlineData("UnsignedTensors", "mma.sync.aligned.m16n8k32.row.col.s32.s8.u8.s32", 8)]
    [InlineData("MagnitudeTensors", "mma.sync.aligned.m16n8k32.row.col.s32.u8.u8.s32", 8)]
    [InlineData("DotRate", "dp4a.s32.s32", 32)]
    [InlineData("TensorRate", "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32", 8)]
    public void Tiles_InnerLoop_HasTheInstructionsAndNoLocalMemoryOrDivision(
        string name, string instruction, int count)
    {
        foreach (
            CudaArchitecture target in new[] { CudaArchitecture.SM_80, CudaArchitecture.SM_90 })
        {
            string text = DeviceText.Ptx(Kernels[name], target);
            string loop = Loop(text, instruction);
            Assert.Equal(count, Regex.Count(loop, Regex.Escape(instruction)));
            Assert.Equal(count, Regex.Count(text, @"\b(dp4a|mma)\."));
            Assert.DoesNotContain("local", loop);
            Assert.DoesNotMatch(Division(), loop);
        }
    }

    /// <summary>
    /// Sixteen multiply-adds of 32 bits whose operands are read sixteen bytes at once; 64-bit
    /// arithmetic only for addresses.
    /// </summary>
    [Theory]
    [InlineData("NarrowSaturatingFours")]
    [InlineData("NarrowRoundingFours")]
    public void NarrowFours_InnerLoop_IsOf32Bits(string name)
    {
        string text = DeviceText.Ptx(Kernels[name], CudaArchitecture.SM_80);
        string loop = Loop(text, "ld.global.v4.b32");
        Assert.DoesNotContain("local", loop);
        Assert.DoesNotMatch(Division(), loop);
        Assert.DoesNotMatch(@"\b(shl|shr|setp\.\w+|min|max)\.s64", loop);
        Assert.Equal(8, Regex.Count(loop, Regex.Escape("ld.global.v4.b32")));
    }

    /// <summary>
    /// What is compared with the instruction's rate is compared with nothing else.
    /// </summary>
    [Theory]
    [InlineData("DotRate", "dp4a.")]
    [InlineData("TensorRate", "mma.")]
    public void Rates_InnerLoop_TouchesNoMemory(string name, string instruction) =>
        Assert.DoesNotMatch(
            @"\b(ld|st)\.",
            Loop(DeviceText.Ptx(Kernels[name], CudaArchitecture.SM_80), instruction));

    /// <summary>
    /// Nothing is read back from local memory. ILGPU sinks two divisions into the loop whose
    /// results do not change in it; the pass that it saves has five for each of its outputs.
    /// </summary>
    [Fact]
    public void PooledFinish_LoopOverTheWindow_HasNoSpillsAndFewDivisions()
    {
        string loop = Loop(
            DeviceText.Ptx(Kernels["PooledFinish"], CudaArchitecture.SM_80), "mul.lo.s64");
        Assert.DoesNotContain("ld.local", loop);
        Assert.InRange(Division().Count(loop), 0, 2);
    }

    /// <summary>
    /// PTX wants a register declared once, above its first use, in the block that uses it.
    /// </summary>
    [Theory]
    [InlineData("SignedDots")]
    [InlineData("SignedTensors")]
    public void Tiles_RegistersOfTheSums_AreDeclaredOnceAndAboveTheirUse(string name)
    {
        string text = DeviceText.Ptx(Kernels[name], CudaArchitecture.SM_80);
        int declared = text.IndexOf(".reg .b32 qs<32>", StringComparison.Ordinal);
        Assert.Equal(1, Regex.Count(text, Regex.Escape(".reg .b32 qs<32>")));
        Assert.InRange(declared, 1, Regex.Match(text, @"qs\d").Index);
        Assert.Equal(1, Regex.Count(text[..declared], @"^\{", RegexOptions.Multiline));
    }

    [Fact]
    public void Tiles_BeforeComputeCapability80_NeedNoTensorCores()
    {
        string text = DeviceText.Ptx(Kernels["SignedDots"], CudaArchitecture.SM_70);
        Assert.Contains("dp4a.", text);
        Assert.DoesNotContain("mma.", text);
    }

    [Fact]
    public void Sums_OnEveryDevice_AreMultiplyAddsOfBytesInRegisters() => Assert.DoesNotMatch(
        @"dp4a|mma\.|local", DeviceText.Ptx(Kernels["CheckedSums"], CudaArchitecture.SM_80));

    [Fact]
    public void Sums_OnOpenCl_AreMultiplyAddsOfBytes()
    {
        string text = DeviceText.OpenCl(Kernels["SignedSums"]);
        Assert.DoesNotContain("dp4a", text);
        Assert.True(Regex.Count(text, @" \* ") >= 256, "sixteen products for each of sixteen sums");
    }

    [Theory]
    [InlineData("SaturatingMac", 1)]
    [InlineData("WrappingMac", 1)]
    [InlineData("SaturatingFours", 4)]
    [InlineData("MarkedFours", 4)]
    public void Mac_InnerLoop_HasItsProductsAndNoDivisionOrLocalMemory(string name, int products)
    {
        string loop = Loop(DeviceText.Ptx(Kernels[name], CudaArchitecture.SM_80), "mul.lo.s64");
        Assert.Equal(products, Regex.Count(loop, @"mul\.lo\.s64"));
        Assert.DoesNotContain("local", loop);
        Assert.DoesNotMatch(Division(), loop);
    }

    /// <summary>
    /// The innermost loop around the first occurrence: from a label to a branch back to it.
    /// </summary>
    private static string Loop(string text, string instruction)
    {
        string[] lines = text.Split('\n');
        int at = Array.FindIndex(lines, l => l.Contains(instruction));
        Dictionary<string, int> labels = lines.Index().Where(l => LabelLine().IsMatch(l.Item))
            .ToDictionary(l => l.Item.Trim().TrimEnd(':'), l => l.Index);
        (int from, int to) = lines.Index()
            .Select(l => (Match: Branch().Match(l.Item), To: l.Index))
            .Where(b => b.Match.Success)
            .Select(b => (From: labels[b.Match.Groups[1].Value], b.To))
            .Where(b => b.From <= at && at <= b.To)
            .MinBy(b => b.To - b.From);
        Assert.True(from < at && at < to, $"{instruction} is in no loop");
        return string.Join('\n', lines[from..(to + 1)]);
    }

    private static MethodInfo[] Static(Type type) =>
        type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly);

    /// <summary>Those that are specialised are read with their modes in place.</summary>
    private static bool IsKernel(MethodInfo method) =>
        method.GetParameters() is [{ ParameterType: var index }, .. var rest]
        && index == typeof(Index1D) && rest.Length > 0
        && !rest.Any(p => p.ParameterType.Name.StartsWith("Specialized", StringComparison.Ordinal));

    [GeneratedRegex(@"\b(div|rem)\.")]
    private static partial Regex Division();

    [GeneratedRegex(@"^\s*L_\d+:")]
    private static partial Regex LabelLine();

    [GeneratedRegex(@"\bbra(?:\.uni)?\s+(L_\d+);")]
    private static partial Regex Branch();
}
