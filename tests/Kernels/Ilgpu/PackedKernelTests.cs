using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu.Packed;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>Exact sums four bytes at a time, checked and redone where steps count.</summary>
public class PackedKernelTests
{
    private const int Images = 3;

    public static TheoryData<string> Programs => [.. LawPrograms.Names];

    [SkippableTheory]
    [MemberData(nameof(Programs))]
    public void Run_OnIlgpuCpu_EqualsReference(string name) =>
        Compare(BackendList.Find("ilgpu-cpu")!, name);

    [SkippableTheory]
    [MemberData(nameof(Programs))]
    public void Run_OnOpenCl_EqualsReference(string name) =>
        Compare(TestDevices.OpenCl("opencl:test", specializes: false), name);

    [SkippableTheory]
    [Trait("Device", "cuda")]
    [MemberData(nameof(Programs))]
    public void Run_OnCuda_EqualsReference(string name) => Compare(BackendList.Find("cuda")!, name);

    [Theory]
    [InlineData("saturating")]
    [InlineData("saturating_lanes")]
    [InlineData("saturating_to_zero")]
    [InlineData("sign_magnitude")]
    public void Plan_StepwiseLayer_IsCheckedAndSomeOutputsOverflow(string name)
    {
        QuantizedProgram program = LawPrograms.Of(name, inputSigned: true);
        var layer = (MacLayer)program.Layers[0];
        Assert.Equal(1, PackedPlan.Of(layer)!.Value.Checks(events: false));
        using IProgramRunner runner = new ReferenceBackend().Load(program);
        RunResult result = runner.Run(
            ProgramGenerator.Inputs(program, Images, 1), Images, RunOptions.WithEvents);
        long overflowed = result.Events[0].Stages[0].Overflowed.Sum();
        Assert.InRange(overflowed, 1, result.Outputs.Length - 1);
    }

    [Fact]
    public void Plan_WrappingLayer_IsCheckedOnlyForEvents()
    {
        var layer = (MacLayer)LawPrograms.Of("wrapping", inputSigned: true).Layers[0];
        PackedPlan plan = PackedPlan.Of(layer)!.Value;
        Assert.Equal((0, 1), (plan.Checks(events: false), plan.Checks(events: true)));
    }

    [Fact]
    public void Plan_WhatPackedSumsCannotHold_IsLeftToTheGeneralKernel()
    {
        var layer = (MacLayer)LawPrograms.Of("saturating", inputSigned: true).Layers[0];
        Assert.NotNull(PackedPlan.Of(layer));
        Assert.Null(PackedPlan.Of(layer with { Weights = layer.Weights.SetItem(5, 128) }));
        Assert.Null(PackedPlan.Of(layer with { Mac = layer.Mac with { InputOffset = 1 } }));
        Assert.Null(
            PackedPlan.Of(
                layer with
                {
                    Mac = layer.Mac with
                    {
                        Update = layer.Mac.Update with { Shift = 2 },
                        AccumulatorAlign = 2,
                    },
                }
            )
        );
    }

    /// <summary>Where int32 overflows OpenCL says nothing of the result.</summary>
    [SkippableTheory]
    [InlineData(131071, "opencl")]
    [InlineData(131071, "ilgpu-cpu")]
    [InlineData(131072, "ilgpu-cpu")]
    public void Run_SumsAtTheEdgeOf32Bits_ArePackedOnlyWhereTheyFit(int depth, string name)
    {
        IBackend backend = name == "opencl"
            ? TestDevices.OpenCl("opencl:test", specializes: false)
            : BackendList.Find(name)!;
        Skip.If(backend.WhyUnavailable is not null, backend.WhyUnavailable);
        QuantizedProgram program = LawPrograms.Dense(depth, weight: -128);
        Assert.Equal(
            (long)depth * 128 * 128 <= int.MaxValue,
            PackedPlan.Of((MacLayer)program.Layers[0]) is not null);
        long[] inputs = [.. Enumerable.Repeat(-128L, depth)];
        RunAssert.EqualsReference(backend, program, inputs, RunOptions.WithEvents);
    }

    [Fact]
    public void Magnitudes_EveryByteInEveryPlace_AreAbsoluteValues()
    {
        for (int value = sbyte.MinValue; value <= sbyte.MaxValue; value++)
        {
            for (int place = 0; place < PackedBytes.Count; place++)
            {
                PackedBytes bytes = default;
                for (int i = 0; i < PackedBytes.Count; i++)
                    bytes = bytes.With(i, i == place ? value : i - 8);
                PackedBytes magnitudes = bytes.Magnitudes();
                for (int i = 0; i < PackedBytes.Count; i++)
                    Assert.Equal(Math.Abs(i == place ? value : i - 8), ByteAt(magnitudes, i));
            }
        }
    }

    [Fact]
    public void Add_BytesAtTheEnds_IsTheSumOfProducts()
    {
        var choose = new Choices(3);
        for (int trial = 0; trial < 500; trial++)
        {
            (int[] x, int[] w) = (Draw(choose, -128, 127), Draw(choose, -128, 127));
            int[] u = Draw(choose, 0, 255);
            Assert.Equal(7 + Dot(x, w), DotProduct.Add(Pack(x), Pack(w), 7, inputSigned: 1));
            Assert.Equal(7 + Dot(u, w), DotProduct.Add(Pack(u), Pack(w), 7, inputSigned: 0));
            Assert.Equal(
                7 + x.Zip(w, (a, b) => Math.Abs(a * b)).Sum(),
                DotProduct.AddMagnitudes(Pack(x).Magnitudes(), Pack(w).Magnitudes(), 7));
        }
    }

    private static void Compare(IBackend backend, string name)
    {
        Skip.If(backend.WhyUnavailable is not null, backend.WhyUnavailable);
        foreach (bool inputSigned in new[] { true, false })
        {
            QuantizedProgram program = LawPrograms.Of(name, inputSigned);
            Assert.NotNull(PackedPlan.Of((MacLayer)program.Layers[0]));
            long[] inputs = ProgramGenerator.Inputs(program, Images, 1);
            RunAssert.EqualsReference(
                backend, program, inputs, RunOptions.WithEvents, RunOptions.Default);
        }
    }

    private static int[] Draw(Choices choose, int low, int high) =>
        [.. Enumerable.Range(0, PackedBytes.Count).Select(_ => (int)choose.Raw(low, high))];

    private static int Dot(int[] x, int[] w) => x.Zip(w, (a, b) => a * b).Sum();

    private static PackedBytes Pack(int[] values)
    {
        PackedBytes bytes = default;
        for (int i = 0; i < values.Length; i++) bytes = bytes.With(i, values[i]);
        return bytes;
    }

    private static int ByteAt(PackedBytes bytes, int index)
    {
        int word = (index / 4) switch { 0 => bytes.A, 1 => bytes.B, 2 => bytes.C, _ => bytes.D };
        return (word >> (8 * (index % 4))) & 0xFF;
    }
}
