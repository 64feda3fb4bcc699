using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Simulator.Conformance;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Keys;
using QSim.Simulator.Quantization;
using QSim.Simulator.Tests.Quantization;

namespace QSim.Simulator.Tests.Profiles;

/// <summary>
/// Every shipped profile gives the same bits and events on every backend that this machine has,
/// PoCL included, which only tests run on.
/// </summary>
public class ShippedOnBackendsTests
{
    private const int Images = 4;

    /// <summary>What there is here.</summary>
    internal static IEnumerable<IBackend> Backends =>
#if ILGPU
        BackendList.All.Append(
            QSim.Kernels.Tests.Ilgpu.TestDevices.OpenCl("opencl:shipped", specializes: false));
#else
        BackendList.All;
#endif

    public static TheoryData<string> Names => [.. ShippedProfiles.Names];

    /// <summary>No shipped profile refuses a layer type that profiles describe.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void ShippedProfile_EveryLayerType_OnEveryBackend_EqualsReference(string name)
    {
        FloatNetwork network = ShippedCases.EveryLayer();
        // Functions of one value run as clamps and tables, which a test of their own has.
        Assert.Superset(
            ProfileKeys.LayerTypes.Except(PointLayer.Kinds.Values).ToHashSet(),
            network.Layers.Select(l => l.Kind).ToHashSet());
        Compare(name, network, Backends);
    }

    /// <summary>
    /// Functions of one value on every profile; a table of them has an entry for each raw value,
    /// so wider words than 16 bits have none and say so.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void ShippedProfile_EveryFunction_SimdEqualsReference(string name)
    {
        foreach (PointFunction function in PointLayer.Kinds.Keys)
        {
            FloatNetwork network = ShippedCases.Fill(new(
                PointLayer.Kinds[function], new(3, 2, 2),
                [
                    new Conv2dLayer(
                        "conv", [0], 4, new(1, 1), new float[12], new float[4]),
                    new PointLayer("function", [1], function, 0.25, 0.5),
                    new FlattenLayer("flatten", [2]),
                    new DenseLayer("logits", [3], 3, new float[48], new float[3]),
                ]));
            try
            {
                Compare(name, network, [BackendList.Find("simd")!]);
            }
            catch (QuantizationException e)
            {
                Assert.Contains("27-bit input", e.Message);
                Assert.Equal("dsp48-18x27", name);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ShippedProfile_Convolutions_SimdEqualsReference(string name) =>
        Compare(name, TinyNetworks.Convolutional(), [BackendList.Find("simd")!]);

    /// <summary>Bits and events of each layer on a profile are the reference's.</summary>
    internal static void Compare(
        string name, FloatNetwork network, IEnumerable<IBackend> backends)
    {
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(name));
        float[] images = TinyNetworks.Images(network.Input, Images);
        QuantizedProgram program = Quantizer.Quantize(network, datapath, images);
        RunOptions options = RunOptions.WithEvents with
        {
            Taps = [.. Enumerable.Range(0, program.Layers.Length + 1)],
        };
        using var reference = new Simulation(program, new ReferenceBackend());
        RunResult expected = reference.Run(images, options);
        foreach (IBackend backend in backends.Where(b => b.WhyNot(program) is null))
        {
            using var simulation = new Simulation(program, backend);
            RunResult actual = simulation.Run(images, options);
            AssertSameValues(expected, actual);
            Assert.Equal(Flat(expected), Flat(actual));

            // Without events to count, a backend may take a shorter way.
            AssertSameValues(
                expected, simulation.Run(images, options with { CollectEvents = false }));
        }
    }

    private static void AssertSameValues(RunResult expected, RunResult actual)
    {
        Assert.Equal(expected.Outputs, actual.Outputs);
        Assert.All(expected.Taps, tap => Assert.Equal(tap.Value, actual.Taps[tap.Key]));
    }

    private static IEnumerable<string> Flat(RunResult result) =>
        from layer in result.Events
        from stage in layer.Stages
        select $"{layer.Layer} {stage.Stage}: {string.Join(',', stage.Overflowed)}; " +
            $"{string.Join(',', stage.Inexact)}; {stage.FirstOverflow}";
}
