using System.Runtime.InteropServices;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Training;
using QSim.Runner.Data;
using QSim.Runner.Output.Progress;
using QSim.Simulator.Networks;

namespace QSim.Runner.Studies;

/// <summary>Trains a study's network.</summary>
public static class Training
{
    /// <summary>Trains in place; the same bytes for the same seed.</summary>
    /// <exception cref="OperationCanceledException">The user stopped it.</exception>
    public static TrainedModel Run(
        StudyInputs inputs, ITrainableModel model, IProgressSink progress, CancellationToken cancellation)
    {
        FloatNetwork network = inputs.Network;
        StudySettings settings = inputs.Settings;
        progress.Begin($"train {network.Name} on {inputs.Data.Train.Count} images of {inputs.Data.Name}");
        Initializer.KaimingUniform(network, settings.Seed);
        model.Refresh();
        var options = new TrainingOptions
        {
            Epochs = settings.Epochs,
            Seed = settings.Seed,
            AfterEpoch = epoch =>
            {
                progress.Report((double)epoch.Epoch / settings.Epochs, FormattableString.Invariant(
                    $"epoch {epoch.Epoch} of {settings.Epochs}: {100 * epoch.Accuracy:F1} % right in training"));
                return true;
            },
        };
        IReadOnlyList<EpochReport> epochs = Trainer.Train(
            network, model, inputs.Data.Train.Pixels, inputs.Data.Train.Labels, options, cancellation);
        return Describe(inputs, model, epochs.Count == 0 ? 0 : epochs[^1].Accuracy);
    }

    /// <summary>What a trained network is reported as.</summary>
    public static TrainedModel Describe(StudyInputs inputs, IGradientModel model, double trainingAccuracy) => new(
        inputs.Settings.Seed, inputs.Network.Name, inputs.Network.ParameterCount, trainingAccuracy,
        Sha256(inputs.Network), model.Engine);

    private static string Sha256(FloatNetwork network) => Digest.OfAll(
        network.Layers.SelectMany(l => l.Parameters).Select(p => MemoryMarshal.AsBytes(p.AsSpan()).ToArray()));
}
