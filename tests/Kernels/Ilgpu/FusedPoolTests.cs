using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>Max pooling in the kernel that finishes the layer before it.</summary>
public class FusedPoolTests
{
    private const int Images = 3;
    private const int BothLayers = 2;

    private static readonly DeviceListener Listener = new();
    private static readonly IBackend Debugger = TestDevices.Cpu(
        "ilgpu-cpu:pooled", listener: Listener);

    /// <summary>Windows that leave rows out, stand on padding, have holes, or leave gaps.</summary>
    public static TheoryData<string, WindowGeometry> Apart
    {
        get
        {
            var data = new TheoryData<string, WindowGeometry>();
            foreach (string law in new[] { "exact", "wrapping", "single_update_bias_last" })
            {
                data.Add(law, new(2, 2, 2, 2));
                data.Add(law, new(3, 2, 3, 4, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1));
                data.Add(law, new(2, 2, 3, 3, DilationRows: 2, DilationColumns: 2));
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Apart))]
    public void Run_OnIlgpuCpu_IsOneLaunchAndEqualsReference(string law, WindowGeometry window)
    {
        QuantizedProgram program = Pooled(law, window);
        Assert.Equal(1, Launches(() => Compare(Debugger, program, RunOptions.Default)));
    }

    [SkippableTheory]
    [MemberData(nameof(Apart))]
    public void Run_OnOpenCl_EqualsReference(string law, WindowGeometry window)
    {
        IBackend backend = TestDevices.OpenCl("opencl:test", specializes: false);
        Skip.If(backend.WhyUnavailable is not null, backend.WhyUnavailable);
        Compare(backend, Pooled(law, window), RunOptions.Default);
    }

    [Fact]
    public void Run_SomebodyAsksForWhatLiesBetween_IsTwoLaunchesAndEqualsReference()
    {
        QuantizedProgram program = Pooled("exact", new(2, 2, 2, 2));
        RunOptions[] asking = [RunOptions.WithEvents, RunOptions.Default with { Taps = [1] }];
        foreach (RunOptions options in asking)
            Assert.Equal(BothLayers, Launches(() => Compare(Debugger, program, options)));
        Assert.Equal(
            1,
            Launches(
                () => Compare(Debugger, program, RunOptions.Default with { Taps = [0, 2] })));
    }

    [Fact]
    public void Run_OverlappingWindowsChecksOrOtherReaders_AreNotFused()
    {
        QuantizedProgram twice = Pooled("exact", new(2, 2, 2, 2));
        QuantizedProgram[] programs =
        [
            Pooled("exact", new(3, 3, 2, 2)),
            Pooled("saturating", new(2, 2, 2, 2)),
            twice with
            {
                Layers = twice.Layers.Add(twice.Layers[1] with { Name = "again" }),
            },
        ];
        foreach (QuantizedProgram program in programs)
            Assert.Equal(
                program.Layers.Length,
                Launches(() => Compare(Debugger, program, RunOptions.Default)));
    }

    private static QuantizedProgram Pooled(string law, WindowGeometry window)
    {
        QuantizedProgram program = LawPrograms.Wide(law, inputSigned: true);
        TensorType conv = program.Layers[0].Output;
        TensorShape shape = new(
            conv.Shape.Channels, window.OutputRows(conv.Shape.Rows),
            window.OutputColumns(conv.Shape.Columns));
        return program with
        {
            Layers = program.Layers.Add(
                new MaxPoolLayer("pool", [1], conv with { Shape = shape }, conv, window)),
        };
    }

    private static int Launches(Action run)
    {
        int before = Listener.Launches;
        run();
        return Listener.Launches - before;
    }

    private static void Compare(IBackend backend, QuantizedProgram program, RunOptions options)
    {
        long[] inputs = ProgramGenerator.Inputs(program, Images, 1);
        RunAssert.EqualsReference(backend, program, inputs, options);
    }
}
