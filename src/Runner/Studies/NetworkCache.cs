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

    /// <summary>Loads the parameters that training would give, or trains and keeps them.</summary>
    /// <param name="key">The network's content key.</param>
    /// <param name="inputs">What to train, and on what.</param>
    /// <param name="model">An engine on the network.</param>
    /// <param name="progress">Told how it gets on.</param>
    /// <param name="train">Trains in place.</param>
    public TrainedModel Get(
        string key, StudyInputs inputs, ITrainableModel model, IProgressSink progress,
        Func<TrainedModel> train)
    {
        float[][] parameters = [.. inputs.Network.Layers.SelectMany(l => l.Parameters)];
        int length = (sizeof(double) * Header) + (sizeof(float) * parameters.Sum(p => p.Length));
        if (cache.Get(ContentCache.Networks, key) is { } known && known.Length == length)
        {
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

        TrainedModel trained = train();
        TrainingOutcome? outcome = trained.Training;
        double[] header =
        [
            trained.TrainingAccuracy!.Value, outcome?.Epochs ?? 0, outcome?.KeptEpoch ?? 0,
            outcome?.ValidationAccuracy ?? double.NaN,
        ];
        cache.Put(ContentCache.Networks, key,
        [
            .. MemoryMarshal.AsBytes(header.AsSpan()).ToArray(),
            .. parameters.SelectMany(p => MemoryMarshal.AsBytes(p.AsSpan()).ToArray()),
        ]);
        return trained;
    }
}
