using System.Runtime.InteropServices;
using QSim.Attacks.Gradients;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Studies;

/// <summary>Networks that were trained before: the share right in training, then the parameters.</summary>
/// <param name="cache">Where they are.</param>
public sealed class NetworkCache(ContentCache cache)
{
    private const string Kind = "networks";

    /// <summary>Loads the parameters that training would give, or trains and keeps them.</summary>
    /// <param name="key">The network's content key.</param>
    /// <param name="inputs">What to train, and on what.</param>
    /// <param name="model">An engine on the network.</param>
    /// <param name="progress">Told how training gets on.</param>
    /// <param name="cancellation">Stops training.</param>
    public TrainedModel Train(
        string key, StudyInputs inputs, ITrainableModel model, IProgressSink progress, CancellationToken cancellation)
    {
        float[][] parameters = [.. inputs.Network.Layers.SelectMany(l => l.Parameters)];
        int length = sizeof(double) + (sizeof(float) * parameters.Sum(p => p.Length));
        if (cache.Get(Kind, key) is { } known && known.Length == length)
        {
            progress.Begin($"load {inputs.Network.Name}, trained before");
            ReadOnlySpan<byte> rest = known.AsSpan(sizeof(double));
            foreach (float[] array in parameters)
            {
                MemoryMarshal.Cast<byte, float>(rest)[..array.Length].CopyTo(array);
                rest = rest[(sizeof(float) * array.Length)..];
            }

            model.Refresh();
            return Training.Describe(inputs, model, MemoryMarshal.Read<double>(known));
        }

        TrainedModel trained = Training.Run(inputs, model, progress, cancellation);
        cache.Put(Kind, key,
        [
            .. BitConverter.GetBytes(trained.TrainingAccuracy),
            .. parameters.SelectMany(p => MemoryMarshal.AsBytes(p.AsSpan()).ToArray()),
        ]);
        return trained;
    }
}
