using System.Runtime.InteropServices;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Training;
using QSim.Runner.Data;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies.Recipes;
using QSim.Simulator.Networks;

namespace QSim.Runner.Studies;

/// <summary>Trains a study's networks.</summary>
internal static class NetworkTrainer
{
    /// <summary>
    /// Trains the float network in place, from random parameters; the same bytes for the same seed.
    /// </summary>
    /// <param name="inputs">What to train, and on what.</param>
    /// <param name="model">An engine on the network.</param>
    /// <param name="progress">Told how it gets on.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <exception cref="OperationCanceledException">The user stopped it.</exception>
    public static TrainedModel Run(
        StudyInputs inputs, ITrainableModel model, IProgressSink progress,
        CancellationToken cancellation)
    {
        FloatNetwork network = inputs.Network;
        progress.Begin(
            $"train {network.Name} on {TrainedOn(inputs)} images of {inputs.Data.Name} with "
                + model.Engine);
        Initializer.KaimingUniform(network, inputs.Settings.Seed);
        model.Refresh();
        return Train(inputs, model, new FloatPass(network, model), progress, cancellation);
    }

    /// <summary>Trains a network for one profile, in place.</summary>
    /// <param name="inputs">
    /// What to train, and on what; its network is where training starts, or random.
    /// </param>
    /// <param name="profile">The hardware.</param>
    /// <param name="model">An engine on the network.</param>
    /// <param name="threads">Most threads; 0 for one per core.</param>
    /// <param name="progress">Told how it gets on.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <exception cref="OperationCanceledException">The user stopped it.</exception>
    public static TrainedModel RunFor(
        StudyProfile profile, StudyInputs inputs, ITrainableModel model, int threads,
        IProgressSink progress, CancellationToken cancellation)
    {
        FloatNetwork network = inputs.Network;
        TrainingRecipe recipe = inputs.Settings.Recipe;
        progress.Begin(
            $"train {network.Name} for {profile.Name} on {TrainedOn(inputs)} images of "
                + $"{inputs.Data.Name}");
        if (!recipe.WarmStart)
            Initializer.KaimingUniform(network, inputs.Settings.Seed);
        int calibration =
            recipe.Quantize == HardwareInTraining.All ? inputs.Settings.CalibrationImages : 0;
        using var pass = new QuantizedPass(
            network, profile.Datapath,
            inputs.Data.Train.Pixels.AsMemory(0, calibration * network.Input.Length),
            n => inputs.Gradients.Create(n, threads));
        TrainedModel trained = Train(inputs, model, pass, progress, cancellation);
        model.Refresh();
        return trained;
    }

    /// <summary>What a trained network is reported as.</summary>
    public static TrainedModel Describe(
        StudyInputs inputs, IGradientModel model, double? trainingAccuracy,
        TrainingOutcome outcome) =>
        new(
            inputs.Settings.Seed, inputs.Network.Name, inputs.Network.ParameterCount,
            trainingAccuracy, Sha256(inputs.Network), model.Engine)
        {
            Training = inputs.Settings.Training is null ? null : outcome,
        };

    private static int TrainedOn(StudyInputs inputs) =>
        inputs.Data.Train.Count - inputs.Settings.Recipe.HeldOut(inputs.Data.Train);

    private static TrainedModel Train(
        StudyInputs inputs, IGradientModel model, IForwardPass pass, IProgressSink progress,
        CancellationToken cancellation)
    {
        StudySettings settings = inputs.Settings;
        ImageSet train = inputs.Data.Train.Slice(0, TrainedOn(inputs));
        TrainingProgress told = new(progress, settings.Epochs);
        TrainingOptions options = settings.Recipe.Options(
            settings.Epochs, settings.Seed, inputs.Data.Train) with
        {
            AfterStep = told.Step,
            AfterEpoch = told.Epoch,
        };
        TrainingReport report = Trainer.Train(
            inputs.Network, pass, train.Pixels, train.Labels, options, cancellation);
        EpochReport kept = report.Kept;
        return Describe(
            inputs, model, kept.Accuracy,
            new(report.Epochs.Count, kept.Epoch, kept.ValidationAccuracy));
    }

    /// <summary>Of a network's parameters.</summary>
    public static string Sha256(FloatNetwork network) =>
        Digest.OfAll(
            network
                .Layers.SelectMany(l => l.Parameters)
                .Select(p => MemoryMarshal.AsBytes(p.AsSpan()).ToArray()));
}
