using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>Several programs on images that were uploaded once.</summary>
public class ResidentImagesTests
{
    private const int Images = 40;

    private static readonly QuantizedProgram[] Programs =
    [
        .. LawPrograms.Names.Select(n =>
            LawPrograms.Of(n, inputSigned: true)
        ),
    ];

    [Fact]
    public void Run_SeveralPrograms_EqualReferenceAndUploadOnce()
    {
        var listener = new DeviceListener();
        IBackend backend = TestDevices.Cpu("ilgpu-cpu:resident", listener: listener);
        QuantizedProgram[] programs =
        [
            .. Enumerable.Range(3, 4).Select(o => ProgramGenerator.Dense(5, 23, o)),
        ];
        long[] inputs = ProgramGenerator.Inputs(programs[0], Images, 5);
        using (ResidentImages images = backend.Keep(RawImages.Of(inputs, Images)))
        {
            Assert.Equal(1, listener.Uploads(inputs.Length * sizeof(int)));
            foreach (QuantizedProgram program in programs)
            {
                Compare(backend, images, program, inputs, 0, Images);
                Compare(backend, images, program, inputs, 7, 30);
                Compare(backend, images, program, inputs, Images - 1, 1);
            }

            Assert.Equal(1, listener.Uploads(inputs.Length * sizeof(int)));
        }

        Assert.Equal(0, listener.Live);
    }

    [SkippableFact]
    public void Run_OnOpenCl_EqualsReference()
    {
        IBackend backend = TestDevices.OpenCl("opencl:test", specializes: false);
        Skip.If(backend.WhyUnavailable is not null, backend.WhyUnavailable);
        long[] inputs = ProgramGenerator.Inputs(Programs[0], 5, 5);
        using ResidentImages images = backend.Keep(RawImages.Of(inputs, 5));
        foreach (QuantizedProgram program in Programs)
            Compare(backend, images, program, inputs, 1, 3);
    }

    [Fact]
    public void Keep_ImagesThatDoNotFit_StayOnTheHost()
    {
        IBackend backend = TestDevices.Cpu("ilgpu-cpu:nokeep", memoryLimit: 10_000);
        long[] inputs = ProgramGenerator.Inputs(Programs[0], 9, 5);
        using ResidentImages images = backend.Keep(RawImages.Of(inputs, 9));
        Assert.IsType<HostImages>(images);
        Compare(backend, images, Programs[0], inputs, 2, 7);
    }

    [Fact]
    public void Run_ImagesOfAnotherBackendOrShape_IsRefused()
    {
        IBackend backend = TestDevices.Cpu("ilgpu-cpu:other");
        long[] inputs = ProgramGenerator.Inputs(Programs[0], 2, 5);
        using ResidentImages images = backend.Keep(RawImages.Of(inputs, 2));
        using IProgramRunner reference = new ReferenceBackend().Load(Programs[0]);
        Assert.Throws<ArgumentException>(() => reference.Run(images, 0, 2, RunOptions.Default));
        using IProgramRunner mine = backend.Load(Programs[0]);
        Assert.Throws<ArgumentException>(() => mine.Run(images, 1, 2, RunOptions.Default));
        using IProgramRunner narrow = backend.Load(ProgramGenerator.Dense(5, 20, 3));
        Assert.Throws<ArgumentException>(() => narrow.Run(images, 0, 2, RunOptions.Default));
    }

    private static void Compare(
        IBackend backend, ResidentImages images, QuantizedProgram program, long[] inputs, int first,
        int count)
    {
        int length = program.Input.Type.Shape.Length;
        RunOptions options = RunOptions.WithEvents with { FirstImage = 40 + first, Taps = [0, 1] };
        using IProgramRunner expected = new ReferenceBackend().Load(program);
        using IProgramRunner actual = backend.Load(program);
        RunAssert.Equal(
            expected.Run(inputs.AsSpan(first * length, count * length), count, options),
            actual.Run(images, first, count, options),
            $"{program.Name}, {count} images from {first}");
    }
}
