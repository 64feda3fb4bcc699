using QSim.Attacks.Gradients;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies.Cells;
using QSim.Simulator.Networks;

namespace QSim.Runner.Studies;

/// <summary>A network after training.</summary>
/// <param name="Network">The network.</param>
/// <param name="Model">An engine on it.</param>
/// <param name="Report">What it is reported as.</param>
internal sealed record TrainedNetwork(
    FloatNetwork Network, ITrainableModel Model, TrainedModel Report);

/// <summary>
/// The networks of one seed: the float one and, where training sees the hardware, one per profile.
/// </summary>
internal sealed class NetworkList : IDisposable
{
    private readonly Dictionary<string, TrainedNetwork> _own = [];

    private NetworkList(TrainedNetwork network) => Float = network;

    /// <summary>The float network.</summary>
    public TrainedNetwork Float { get; }

    /// <summary>The float network, then those of profiles that have their own.</summary>
    public IEnumerable<(string Target, TrainedNetwork Network)> All =>
        _own.Select(n => (n.Key, n.Value)).Prepend((AccuracyCell.FloatTarget, Float));

    /// <summary>The network of a target.</summary>
    public TrainedNetwork Of(string target) => _own.GetValueOrDefault(target, Float);

    /// <summary>Whether a target has a network of its own.</summary>
    public bool HasOwn(string target) => _own.ContainsKey(target);

    /// <summary>Trains what was not trained before.</summary>
    /// <param name="inputs">The study, of one seed.</param>
    /// <param name="keys">Names by content.</param>
    /// <param name="cache">Networks that were trained before.</param>
    /// <param name="threads">Most threads; 0 for one per core.</param>
    /// <param name="progress">Told how it gets on.</param>
    /// <param name="cancellation">Stops training; networks that were finished are kept.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static NetworkList Train(
        StudyInputs inputs, ContentKeys keys, NetworkCache cache, int threads,
        IProgressSink progress, CancellationToken cancellation)
    {
        ulong seed = inputs.Settings.Seed;
        ITrainableModel model = inputs.Gradients.Create(inputs.Network, threads);
        var all = new NetworkList(Kept(
            inputs.Network, model,
            () => inputs.Loaded is not null
                ? NetworkTrainer.Describe(inputs, model, null, new(0, 0, null))
                : cache.Get(
                    keys.Network(seed), inputs, model, progress,
                    () => NetworkTrainer.Run(inputs, model, progress, cancellation),
                    cancellation)));
        if (!inputs.Settings.Recipe.IsPerProfile) return all;
        try
        {
            foreach (StudyProfile profile in inputs.Profiles)
                all._own[profile.Name] = all.Own(
                    profile, inputs.ForSeed(seed), keys, cache, threads, progress, cancellation);
            return all;
        }
        catch
        {
            all.Dispose();
            throw;
        }
    }

    /// <summary>A profile's own network, which starts as the float one.</summary>
    private TrainedNetwork Own(
        StudyProfile profile, StudyInputs inputs, ContentKeys keys, NetworkCache cache,
        int threads, IProgressSink progress, CancellationToken cancellation)
    {
        foreach ((float[] from, float[] to) in Parameters(Float.Network)
            .Zip(Parameters(inputs.Network)))
            from.CopyTo(to, 0);
        ITrainableModel model = inputs.Gradients.Create(inputs.Network, threads);
        return Kept(
            inputs.Network, model,
            () => cache.Get(
                keys.Network(inputs.Settings.Seed, profile.Name), inputs, model, progress,
                () => NetworkTrainer.RunFor(
                    profile, inputs, model, threads, progress, cancellation),
                cancellation));
    }

    /// <summary>
    /// A network with its engine, which may hold native memory: let go of where training ends
    /// early.
    /// </summary>
    private static TrainedNetwork Kept(
        FloatNetwork network, ITrainableModel model, Func<TrainedModel> train)
    {
        try
        {
            return new(network, model, train());
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (TrainedNetwork network in _own.Values.Append(Float)) network.Model.Dispose();
    }

    private static IEnumerable<float[]> Parameters(FloatNetwork network) =>
        network.Layers.SelectMany(l => l.Parameters);
}
