using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Backends;

public class RunBuffersTests
{
    [Fact]
    public void RawValues_EveryTypeUpTo20Bits_GiveBackWhatWasWritten()
    {
        for (int bits = 1; bits <= 20; bits++)
            foreach (bool isSigned in new[] { false, true })
            {
                var values = new RawValues(new(new(3), bits, isSigned, 1));
                long[] raw = [values.Type.MinRaw, values.Type.MaxRaw, values.Type.MaxRaw / 2];
                long[] read = new long[2];
                values.Resize(1);
                values.Write(raw);
                values.Read(1, read);
                Assert.Equal(raw[1..], read);
                Assert.Equal(bits <= 16, values.IsNarrow);
                Assert.Equal(bits <= 16 ? 3 : 0, values.Narrow.Length);
            }
    }

    [Fact]
    public void Resize_ToFewer_KeepsTheMemory()
    {
        var values = new RawValues(new(new(3), 8, true, 1));
        values.Resize(100);
        values.Narrow[299] = 7;
        values.Resize(2);
        Assert.Equal(6, values.Narrow.Length);
        values.Resize(100);
        Assert.Equal(7, values.Narrow[299]);
    }

    [Fact]
    public void Run_InputOutsideItsFormat_IsRefused()
    {
        QuantizedProgram program = ProgramGenerator.Dense(1, 40, 3);
        TensorType type = program.Input.Type with { Bits = 4 };
        program = program with
        {
            Input = program.Input with { Type = type },
            Layers = [(MacLayer)program.Layers[0] with { Input = type }],
        };
        using IProgramRunner runner = new SimdBackend().Load(program);
        var buffers = new RunBuffers(program, []);
        buffers.Resize(5);
        buffers.Input.Narrow.Clear();
        buffers.Input.Narrow[77] = 100;
        Assert.Contains(
            "the input 100 is outside",
            Assert.Throws<ArgumentException>(() => runner.Run(buffers, 0)).Message);
        buffers.Input.Narrow[77] = 1;
        runner.Run(buffers, 0);
    }

    [Fact]
    public void Run_BuffersOfAnotherProgram_AreRefused()
    {
        QuantizedProgram program = ProgramGenerator.Dense(1, 4, 3);
        using IProgramRunner runner = new SimdBackend().Load(program);
        Assert.Throws<ArgumentException>(
            () => runner.Run(new RunBuffers(ProgramGenerator.Dense(2, 4, 3), []), 0));
    }

    [Fact]
    public void Tensor_ThatWasNotAskedFor_IsRefused() => Assert.Throws<ArgumentException>(
        () => new RunBuffers(ProgramGenerator.Dense(1, 4, 3), [])[0]);
}
