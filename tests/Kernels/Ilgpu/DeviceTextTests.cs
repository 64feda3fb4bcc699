using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU.Runtime.Cuda;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Backends.Ilgpu.General;
using QSim.Kernels.Backends.Ilgpu.Packed;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>What can be read off kernels where there is no device to run them on.</summary>
public partial class DeviceTextTests
{
    /// <summary>Kernels whose text is read, by a name for them; some with constant modes.</summary>
    internal static readonly Dictionary<string, MethodInfo> Kernels = new()
    {
        ["mac"] = Method(typeof(MacKernel), nameof(MacKernel.Compute)),
        ["four_mac"] = Method(typeof(FourMacKernel), nameof(FourMacKernel.Compute)),
        ["saturating_fours"] = Method(
            typeof(ConstantModes), nameof(ConstantModes.SaturatingFours)),
        ["marked_fours"] = Method(typeof(ConstantModes), nameof(ConstantModes.MarkedFours)),
        ["narrow_fours"] = Method(typeof(NarrowFourKernel), nameof(NarrowFourKernel.Compute)),
        ["narrow_saturating_fours"] = Method(
            typeof(ConstantModes), nameof(ConstantModes.NarrowSaturatingFours)),
        ["narrow_rounding_fours"] = Method(
            typeof(ConstantModes), nameof(ConstantModes.NarrowRoundingFours)),
        ["add_two"] = Method(typeof(ElementwiseKernels), nameof(ElementwiseKernels.AddTwo)),
        ["max_pool"] = Method(typeof(PoolKernels), nameof(PoolKernels.Max)),
        ["average_pool"] = Method(typeof(PoolKernels), nameof(PoolKernels.Average)),
        ["clamp"] = Method(typeof(ElementwiseKernels), nameof(ElementwiseKernels.Clamp)),
        ["lookup"] = Method(typeof(ElementwiseKernels), nameof(ElementwiseKernels.Lookup)),
        ["add"] = Method(typeof(ElementwiseKernels), nameof(ElementwiseKernels.AddScaled)),
        ["requantize_sum"] = Method(
            typeof(ElementwiseKernels), nameof(ElementwiseKernels.RequantizeSum)),
        ["concat"] = Method(typeof(ElementwiseKernels), nameof(ElementwiseKernels.Concatenate)),
        ["rearrange"] = Method(typeof(ElementwiseKernels), nameof(ElementwiseKernels.Rearrange)),
        ["multiply"] = Method(typeof(ElementwiseKernels), nameof(ElementwiseKernels.Multiply)),
        ["softmax"] = Method(typeof(SoftmaxKernel), nameof(SoftmaxKernel.Run)),
        ["pack"] = Method(typeof(PackKernel), nameof(PackKernel.Run)),
        ["finish"] = Method(typeof(FinishKernel), nameof(FinishKernel.Compute)),
        ["pooled_finish"] = Method(
            typeof(PooledFinishKernel), nameof(PooledFinishKernel.Compute)),
        ["count_events"] = Method(typeof(EventTally), nameof(EventTally.Count)),
        ["saturating_mac"] = Method(typeof(ConstantModes), nameof(ConstantModes.SaturatingMac)),
        ["wrapping_mac"] = Method(typeof(ConstantModes), nameof(ConstantModes.WrappingMac)),
        ["exact_finish"] = Method(typeof(ConstantModes), nameof(ConstantModes.ExactFinish)),
        ["exact_pooled_finish"] = Method(
            typeof(ConstantModes), nameof(ConstantModes.PooledFinish)),
        ["signed_sums"] = Method(typeof(ConstantModes), nameof(ConstantModes.SignedSums)),
        ["unsigned_sums"] = Method(typeof(ConstantModes), nameof(ConstantModes.UnsignedSums)),
        ["signed_dots"] = Method(typeof(ConstantModes), nameof(ConstantModes.SignedDots)),
        ["unsigned_dots"] = Method(typeof(ConstantModes), nameof(ConstantModes.UnsignedDots)),
        ["magnitude_dots"] = Method(typeof(ConstantModes), nameof(ConstantModes.MagnitudeDots)),
        ["signed_tensors"] = Method(typeof(ConstantModes), nameof(ConstantModes.SignedTensors)),
        ["unsigned_tensors"] = Method(typeof(ConstantModes), nameof(ConstantModes.UnsignedTensors)),
        ["magnitude_tensors"] = Method(
            typeof(ConstantModes), nameof(ConstantModes.MagnitudeTensors)),
        ["emulated_dots"] = Method(typeof(ConstantModes), nameof(ConstantModes.EmulatedDots)),
        ["emulated_tensors"] = Method(typeof(ConstantModes), nameof(ConstantModes.EmulatedTensors)),
        ["dot_rate"] = Method(typeof(ConstantModes), nameof(ConstantModes.DotRate)),
        ["tensor_rate"] = Method(typeof(ConstantModes), nameof(ConstantModes.TensorRate)),
        ["checked_sums"] = Method(typeof(ConstantModes), nameof(ConstantModes.CheckedSums)),
    };

    public static TheoryData<string> Names => [.. Kernels.Keys];

    /// <summary>ILGPU 1.5.3 writes sm_80 for everything newer, which newer devices run.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void EveryKernel_GeneratesPtx(string name)
    {
        Assert.Contains(".target sm_70", DeviceText.Ptx(Kernels[name], CudaArchitecture.SM_70));
        Assert.Contains(".target sm_80", DeviceText.Ptx(Kernels[name], CudaArchitecture.SM_80));
        Assert.Contains(".target sm_80", DeviceText.Ptx(Kernels[name], CudaArchitecture.SM_90));
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
    [InlineData("signed_dots", "dp4a.s32.s32", 32)]
    [InlineData("unsigned_dots", "dp4a.u32.s32", 32)]
    [InlineData("magnitude_dots", "dp4a.u32.u32", 32)]
    [InlineData("signed_tensors", "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32", 8)]
    [InlineData("unsigned_tensors", "mma.sync.aligned.m16n8k32.row.col.s32.s8.u8.s32", 8)]
    [InlineData("magnitude_tensors", "mma.sync.aligned.m16n8k32.row.col.s32.u8.u8.s32", 8)]
    [InlineData("dot_rate", "dp4a.s32.s32", 32)]
    [InlineData("tensor_rate", "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32", 8)]
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
    [InlineData("narrow_saturating_fours")]
    [InlineData("narrow_rounding_fours")]
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
    [InlineData("dot_rate", "dp4a.")]
    [InlineData("tensor_rate", "mma.")]
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
            DeviceText.Ptx(Kernels["exact_pooled_finish"], CudaArchitecture.SM_80), "mul.lo.s64");
        Assert.DoesNotContain("ld.local", loop);
        Assert.InRange(Division().Count(loop), 0, 2);
    }

    /// <summary>
    /// PTX wants a register declared once, above its first use, in the block that uses it.
    /// </summary>
    [Theory]
    [InlineData("signed_dots")]
    [InlineData("signed_tensors")]
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
        string text = DeviceText.Ptx(Kernels["signed_dots"], CudaArchitecture.SM_70);
        Assert.Contains("dp4a.", text);
        Assert.DoesNotContain("mma.", text);
    }

    [Fact]
    public void Sums_OnEveryDevice_AreMultiplyAddsOfBytesInRegisters() => Assert.DoesNotMatch(
        @"dp4a|mma\.|local", DeviceText.Ptx(Kernels["checked_sums"], CudaArchitecture.SM_80));

    [Fact]
    public void Sums_OnOpenCl_AreMultiplyAddsOfBytes()
    {
        string text = DeviceText.OpenCl(Kernels["signed_sums"]);
        Assert.DoesNotContain("dp4a", text);
        Assert.True(Regex.Count(text, @" \* ") >= 256, "sixteen products for each of sixteen sums");
    }

    [Theory]
    [InlineData("saturating_mac", 1)]
    [InlineData("wrapping_mac", 1)]
    [InlineData("saturating_fours", 4)]
    [InlineData("marked_fours", 4)]
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

    private static MethodInfo Method(Type type, string name) => type.GetMethod(name)!;

    [GeneratedRegex(@"\b(div|rem)\.")]
    private static partial Regex Division();

    [GeneratedRegex(@"^\s*L_\d+:")]
    private static partial Regex LabelLine();

    [GeneratedRegex(@"\bbra(?:\.uni)?\s+(L_\d+);")]
    private static partial Regex Branch();
}
