using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Simulator;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Explanations;

/// <summary>
/// A study's network, trained and quantized for one profile, with the study's test images.
/// </summary>
internal sealed class TrainedHardware : IDisposable
{
    private readonly HardwareList _all;

    private TrainedHardware(HardwareList all, ImageSet images)
    {
        _all = all;
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
    /// <param name="cache">Where networks are kept.</param>
    /// <param name="cancellation">Stops training.</param>
    /// <exception cref="RequestException">
    /// The study has more than one profile, or lacks an image.
    /// </exception>
    public static TrainedHardware Create(
        Screen screen, StudyInputs inputs, IEnumerable<int> images, ContentCache cache,
        CancellationToken cancellation)
    {
        foreach (int image in images) Check(image, inputs.Data.Test.Count);
        if (inputs.Profiles.Count != 1)
            throw new RequestException(
                $"--profile: one profile is needed, not {inputs.Profiles.Count}");
        HardwareList? all = null;
        ProgressDisplay.Run(
            screen, quiet: false,
            progress => all = Quantize(inputs, cache, progress, cancellation));
        return new(all!, inputs.Data.Test);
    }

    /// <summary>Trains a study's network and quantizes it for each of its profiles.</summary>
    public static HardwareList Quantize(
        StudyInputs inputs, ContentCache cache, IProgressSink progress,
        CancellationToken cancellation)
    {
        var keys = new ContentKeys(inputs.Resolve());
        using NetworkList trained = NetworkList.Train(
            inputs, keys, new NetworkCache(cache), threads: 0, progress, cancellation);
        return HardwareList.Create(inputs, progress, cancellation: cancellation);
    }

    /// <summary>Index of a layer.</summary>
    /// <exception cref="RequestException">The program has none of that name.</exception>
    public int LayerIndex(string name)
    {
        IEnumerable<string> names = Program.Layers.Select(l => l.Name);
        int index = names.ToList().IndexOf(name);
        return index >= 0
            ? index
            : throw new RequestException(
                $"--layer: no layer '{name}'{Suggestion.Hint(name, names)} (supported: "
                    + $"{string.Join(", ", names)})");
    }

    /// <summary>Every tensor of one image: the input, then the output of each layer.</summary>
    /// <exception cref="RequestException">There is no such image.</exception>
    public IReadOnlyList<long[]> Tensors(long image)
    {
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
