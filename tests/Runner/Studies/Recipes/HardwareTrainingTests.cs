using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods;
using QSim.Runner.Data;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Recipes;
using QSim.Simulator;
using QSim.Simulator.Networks;

namespace QSim.Runner.Tests.Studies.Recipes;

/// <summary>What training for the hardware is for, on the embedded digits.</summary>
public class HardwareTrainingTests
{
    private const int Points = 5;

    private static readonly StudySettings Study = new()
    {
        Epochs = 12,
        Profiles = ["int4"],
        Images = 500,
        Epsilons = EpsilonList.Parse(Norm.Linf, "16/255"),
    };

    [Fact]
    public void All_OnFourBits_IsBetterThanQuantizingAfterwards()
    {
        int after = Clean(Study);
        int aware = Clean(Study with { Training = new() { Quantize = HardwareInTraining.All } });

        Assert.True(
            aware >= after + (2 * Points),
            $"{aware} of 500 right, {after} when quantized afterwards");
    }

    /// <summary>
    /// On 8 bits: 4 bits after training cost the hardened network what it gained.
    /// </summary>
    [Fact]
    public void Adversarial_ResistsBetter()
    {
        StudySettings study = Study with { Profiles = ["int8-wide"] };
        int plain = Robust(study);
        int hardened = Robust(study with
        {
            Training = new()
            {
                Adversarial = new(
                    EpsilonList.ParseOne("16/255"), 5, EpsilonList.ParseOne("8/255")),
            },
        });

        Assert.True(hardened >= plain + (3 * Points), $"{hardened} of 500 resist, {plain} without");
    }

    /// <summary>
    /// What training leaves is what the hardware has: quantizing it gives weights back unchanged.
    /// </summary>
    [Theory]
    [InlineData("int4")]
    [InlineData("int8-wide")]
    [InlineData("ternary-w2a8")]
    [InlineData("hls4ml-default")]
    public void All_LeavesWeightsThatTheProfileHolds(string profile) =>
        With(
            Study with
            {
                Epochs = 1,
                Profiles = [profile],
                Training = new() { Quantize = HardwareInTraining.All },
            },
            (inputs, networks, _) =>
            {
                FloatNetwork own = networks.Of(inputs.Profiles[0].Name).Network;
                Assert.NotSame(networks.Float.Network, own);
                var seen = Simulator.Quantization.FakeQuantization.Parameters(
                    own, inputs.Profiles[0].Datapath);
                foreach ((float[] array, var format) in own
                    .Layers.SelectMany(l => l.Parameters)
                    .Zip(seen))
                {
                    if (format is null)
                        continue;
                    float[] again = new float[array.Length];
                    format.Apply(array, again);
                    for (int i = 0; i < array.Length; i++)
                        Assert.Equal(array[i], again[i], 1e-6);
                }

                return 0;
            });

    [Fact]
    public void Train_ForAProfile_LeavesTheFloatNetworkAsItIsWithout()
    {
        string without = With(Study with { Epochs = 1 }, (_, n, _) => n.Float.Report.Sha256);
        string with = With(
            Study with { Epochs = 1, Training = new() { Quantize = HardwareInTraining.Weights } },
            (_, n, _) => n.Float.Report.Sha256);
        Assert.Equal(without, with);
    }

    private static int Clean(StudySettings study) =>
        With(
            study,
            (inputs, _, simulation) =>
                simulation
                    .Classify(inputs.Data.Test.Pixels)
                    .Zip(inputs.Data.Test.Labels)
                    .Count(p => p.First == p.Second));

    private static int Robust(StudySettings study) =>
        With(
            study,
            (inputs, networks, simulation) =>
            {
                ImageSet test = inputs.Data.Test;
                var target = AttackTarget.WhiteBox(
                    new HardwareClassifier(
                        simulation, "chip", networks.Of(study.Profiles[0]).Model));
                RobustnessResult result = Evaluation.Run(
                    ProjectedGradient.Pgd(20), target, new(test.Shape, test.Pixels, test.Labels),
                    new Budget(Norm.Linf, study.Epsilons[0]));
                return Enumerable.Range(0, test.Count).Count(result.Judges[0].IsRobust);
            });

    private static T With<T>(StudySettings study, Func<StudyInputs, NetworkList, Simulation, T> use)
    {
        using var folder = new TemporaryFolder();
        var inputs = StudyInputs.Read(study, new DataFolders([]));
        var keys = new ContentKeys(inputs.Resolve());
        var cache = new NetworkCache(new ContentCache(folder.Path));
        using var networks = NetworkList.Train(
            inputs, keys, cache, 0, new Unseen(), CancellationToken.None);
        using var hardware = HardwareList.Create(
            inputs, new Unseen(), target => networks.Of(target).Network);
        return use(inputs, networks, hardware.All[0].Simulation);
    }

    private sealed class Unseen : IProgressSink
    {
        public void Begin(string stage) { }

        public void Report(double share, string detail) { }
    }
}
