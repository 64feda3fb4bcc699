using System.Runtime.InteropServices;
using QSim.Attacks.Gradients;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Studies;

/// <summary>Networks that were trained before: how training went, then the parameters.</summary>
/// <param name="cache">Where they are.</param>
internal sealed class NetworkCache(ContentCache cache)
{
    private const int Header = 4;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Loads the parameters that training would give, or trains and keeps them: one process does,
    /// others that share the cache wait for it and load what it trained.
    /// </summary>
    /// <param name="key">The network's content key.</param>
    /// <param name="inputs">What to train, and on what.</param>
    /// <param name="model">An engine on the network.</param>
    /// <param name="progress">Told how it gets on.</param>
    /// <param name="train">Trains in place.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public TrainedModel Get(
        string key, StudyInputs inputs, ITrainableModel model, IProgressSink progress,
        Func<TrainedModel> train, CancellationToken cancellation)
    {
        bool waits = false;
        while (true)
        {
            if (Load(key, inputs, model, progress) is { } known) return known;
            using IDisposable? claim = cache.Claim(ContentCache.Networks, key);
            if (claim is null)
            {
                if (!waits)
                    progress.Begin($"wait for {inputs.Network.Name}, which another task trains");
                waits = true;
                cancellation.WaitHandle.WaitOne(Look);
                cancellation.ThrowIfCancellationRequested();
                continue;
            }

            // Whoever had the claim a moment ago may have kept what it trained.
            if (Load(key, inputs, model, progress) is { } kept) return kept;
            TrainedModel trained = train();
            Keep(key, inputs, trained);
            return trained;
        }
    }

    private TrainedModel? Load(
        string key, StudyInputs inputs, ITrainableModel model, IProgressSink progress)
    {
        float[][] parameters = ParametersOf(inputs);
        int length = (sizeof(double) * Header) + (sizeof(float) * parameters.Sum(p => p.Length));
        if (cache.Get(ContentCache.Networks, key) is not { } known || known.Length != length)
            return null;
        progress.Begin($"load {inputs.Network.Name}, trained before");
        double[] how = MemoryMarshal
            .Cast<byte, double>(known.AsSpan(0, sizeof(double) * Header))
            .ToArray();
        ReadOnlySpan<byte> rest = known.AsSpan(sizeof(double) * Header);
        foreach (float[] array in parameters)
        {
            MemoryMarshal.Cast<byte, float>(rest)[..array.Length].CopyTo(array);
            rest = rest[(sizeof(float) * array.Length)..];
        }

        model.Refresh();
        return NetworkTrainer.Describe(
            inputs, model, how[0],
            new((int)how[1], (int)how[2], double.IsNaN(how[3]) ? null : how[3]));
    }

    private void Keep(string key, StudyInputs inputs, TrainedModel trained)
    {
        TrainingOutcome? outcome = trained.Training;
        double[] header =
        [
            trained.TrainingAccuracy!.Value, outcome?.Epochs ?? 0, outcome?.KeptEpoch ?? 0,
            outcome?.ValidationAccuracy ?? double.NaN,
        ];
        cache.Put(ContentCache.Networks, key,
        [
            .. MemoryMarshal.AsBytes(header.AsSpan()).ToArray(),
            .. ParametersOf(inputs).SelectMany(p => MemoryMarshal.AsBytes(p.AsSpan()).ToArray()),
        ]);
    }

    private static float[][] ParametersOf(StudyInputs inputs) =>
        [.. inputs.Network.Layers.SelectMany(l => l.Parameters)];
}
