using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Explanations;

/// <summary>
/// A study's network, trained and quantized for one profile, with the study's test images.
/// </summary>
internal sealed class TrainedHardware : IDisposable
{
    private readonly HardwareList _all;
    private readonly CancellationToken _cancellation;

    private TrainedHardware(HardwareList all, ImageSet images, CancellationToken cancellation)
    {
        (_all, _cancellation) = (all, cancellation);
        Images = images;
        (Profile, Simulation) = all.All[0];
    }

    /// <summary>The profile's name.</summary>
    public string Profile { get; }

    /// <summary>The program on its backend.</summary>
    public Simulation Simulation { get; }

    /// <summary>What it runs.</summary>
    public QuantizedProgram Program => Simulation.Program;

    /// <summary>The test images.</summary>
    public ImageSet Images { get; }

    /// <summary>Trains and quantizes, telling how it gets on.</summary>
    /// <param name="screen">Where to tell it.</param>
    /// <param name="inputs">The study.</param>
    /// <param name="images">Images that are asked for: refused before anything is trained.</param>
    /// <param name="layer">A layer that is asked for, likewise; null for none.</param>
    /// <param name="cache">Where networks are kept.</param>
    /// <param name="cancellation">Stops training, and later between two images.</param>
    /// <exception cref="RequestException">
    /// The study has more than one profile, or lacks an image or the layer.
    /// </exception>
    public static TrainedHardware Create(
        Screen screen, StudyInputs inputs, IEnumerable<int> images, string? layer,
        ContentCache cache, CancellationToken cancellation)
    {
        foreach (int image in images) Check(image, inputs.Data.Test.Count);
        CheckLayer(layer, inputs.Network);
        if (inputs.Profiles.Count != 1)
            throw new RequestException(
                $"--profile: one profile is needed, not {inputs.Profiles.Count}");
        HardwareList? all = null;
        ProgressDisplay.Run(
            screen, progress => all = HardwareList.Train(inputs, cache, progress, cancellation));
        return new(all!, inputs.Data.Test, cancellation);
    }

    /// <summary>Whether a network has a layer, before it is trained.</summary>
    /// <param name="name">What was typed; null for nothing.</param>
    /// <param name="network">The network.</param>
    /// <exception cref="RequestException">It has none of that name.</exception>
    public static void CheckLayer(string? name, FloatNetwork network)
    {
        // Hardware has no layer of these: the ones before them do their work.
        string[] names =
        [
            .. network.Layers.Where(l => l is not (ReluLayer or FakeQuantizeLayer))
                .Select(l => l.Name),
        ];
        if (name is not null && network.Layers.All(l => l.Name != name))
            throw NoLayer(name, names);
    }

    /// <summary>What is said of a layer that is not there.</summary>
    public static RequestException NoLayer(string name, IReadOnlyCollection<string> names) => new(
        $"--layer: no layer '{name}'{Suggestion.Hint(name, names)} (supported: "
            + $"{string.Join(", ", names)})");

    /// <summary>Index of a layer.</summary>
    /// <exception cref="RequestException">The program has none of that name.</exception>
    public int LayerIndex(string name)
    {
        string[] names = [.. Program.Layers.Select(l => l.Name)];
        int index = Array.IndexOf(names, name);
        return index >= 0 ? index : throw NoLayer(name, names);
    }

    /// <summary>Every tensor of one image: the input, then the output of each layer.</summary>
    /// <exception cref="RequestException">There is no such image.</exception>
    /// <exception cref="OperationCanceledException">Somebody stops the command.</exception>
    public IReadOnlyList<long[]> Tensors(long image)
    {
        _cancellation.ThrowIfCancellationRequested();
        Check(image, Images.Count);
        int tensors = Program.Layers.Length + 1;
        RunResult run = Simulation.Run(
            Images.Images((int)image, 1),
            new RunOptions { FirstImage = image, Taps = [.. Enumerable.Range(0, tensors)] });
        return [.. Enumerable.Range(0, tensors).Select(t => run.Taps[t])];
    }

    private static void Check(long image, int count)
    {
        if (image < 0 || image >= count)
            throw new RequestException(
                $"--image {image}: the study has images 0..{count - 1} (see --images)");
    }

    /// <inheritdoc/>
    public void Dispose() => _all.Dispose();
}
