using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Conformance;

/// <summary>Equality of two runs: outputs, every event and every tap, with no tolerance.</summary>
public static class RunAssert
{
    /// <summary>What a backend makes of images is what the reference does, however asked.</summary>
    public static void EqualsReference(
        IBackend backend, QuantizedProgram program, long[] inputs, params RunOptions[] ways)
    {
        int images = inputs.Length / program.Input.Type.Shape.Length;
        using IProgramRunner expected = new ReferenceBackend().Load(program);
        using IProgramRunner actual = backend.Load(program);
        foreach (RunOptions options in ways)
            Equal(
                expected.Run(inputs, images, options), actual.Run(inputs, images, options),
                $"{program.Name} on {backend.Name}, events: {options.CollectEvents}");
    }

    public static void Equal(RunResult expected, RunResult actual, string what)
    {
        Same(expected.Outputs, actual.Outputs, $"{what}: outputs");
        Assert.True(expected.Taps.Count == actual.Taps.Count, $"{what}: number of taps");
        foreach ((int tensor, long[] values) in expected.Taps)
            Same(values, actual.Taps[tensor], $"{what}: tap {tensor}");
        Assert.True(expected.Events.Length == actual.Events.Length, $"{what}: layers with events");
        foreach ((LayerEvents e, LayerEvents a) in expected.Events.Zip(actual.Events))
            Same(e, a, what);
    }

    private static void Same(LayerEvents expected, LayerEvents actual, string what)
    {
        Assert.Equal(expected.Layer, actual.Layer);
        Assert.True(
            expected.Stages.Select(s => s.Stage).SequenceEqual(actual.Stages.Select(s => s.Stage)),
            $"{what}: stages of {expected.Layer}");
        foreach ((StageEvents e, StageEvents a) in expected.Stages.Zip(actual.Stages))
        {
            string where = $"{what}: {expected.Layer}, {e.Stage}";
            Same(e.Overflowed, a.Overflowed, $"{where}, overflowed");
            Same(e.Inexact, a.Inexact, $"{where}, inexact");
            Assert.True(
                e.FirstOverflow == a.FirstOverflow,
                $"{where}: first overflow {a.FirstOverflow}, not {e.FirstOverflow}");
        }
    }

    private static void Same(long[] expected, long[] actual, string what)
    {
        Assert.True(
            expected.Length == actual.Length,
            $"{what}: {actual.Length} values, not {expected.Length}");
        for (int i = 0; i < expected.Length; i++)
            Assert.True(expected[i] == actual[i], $"{what}[{i}]: {actual[i]}, not {expected[i]}");
    }
}
