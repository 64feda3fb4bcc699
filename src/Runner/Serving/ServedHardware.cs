using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Runner.Data;
using QSim.Runner.Studies;
using QSim.Simulator;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Quantization;

namespace QSim.Runner.Serving;

/// <summary>A network on one profile's hardware, which answers for images that are sent.</summary>
internal sealed class ServedHardware : IDisposable
{
    /// <summary>What the tensor is called that goes into the first layer.</summary>
    public const string InputName = "input";

    private const int ImagesPerCore = 64;

    private readonly NetworkList _trained;
    private readonly HardwareList _all;
    private readonly HardwareClassifier _classifier;
    private readonly RunBuffers _buffers;
    private float[] _pixels = [];

    /// <summary>Owns what was trained and quantized.</summary>
    /// <param name="inputs">The study that it is of; one profile.</param>
    /// <param name="trained">Its networks.</param>
    /// <param name="all">Its hardware.</param>
    public ServedHardware(StudyInputs inputs, NetworkList trained, HardwareList all)
    {
        (Inputs, _trained, _all) = (inputs, trained, all);
        (string profile, Simulation) = all.All[0];
        Network = trained.Of(profile);
        _classifier = new(Simulation, profile, Network.Model);
        _buffers = new(Program, []);
    }

    /// <summary>The study that it is of.</summary>
    public StudyInputs Inputs { get; }

    /// <summary>The network that it was made from.</summary>
    public TrainedNetwork Network { get; }

    /// <summary>What runs.</summary>
    public Simulation Simulation { get; }

    /// <summary>What runs, as layers.</summary>
    public QuantizedProgram Program => Simulation.Program;

    /// <summary>
    /// Why there are no gradients; null where there are. A program that was not made from float
    /// layers has none to go straight through.
    /// </summary>
    public string? WhyNoGradients => Program.Sources.IsEmpty
        ? "the program does not say which float layers it stands for"
        : null;

    private TensorShape Shape => Program.Input.Type.Shape;

    /// <summary>Logits, raw logits, classes.</summary>
    /// <param name="images">Images.</param>
    /// <param name="first">The index of the first; the key of stochastic rounding.</param>
    /// <exception cref="RequestException">They are not images of the network.</exception>
    public Answer Forward(SentArray images, long first)
    {
        int count = images.ImagesOf(Shape), classes = Simulation.Classes;
        FrameWriter.CheckLength((long)count * ((classes * 12L) + sizeof(int)) + Wire.MostHead);
        var raw = new long[Sizes.Elements(count, classes)];
        var logits = new float[raw.Length];
        int[] predictions = new int[count];
        foreach ((int at, int some) in Stretches(count))
        {
            Simulation.Run(Pixels(images, at, some), _buffers, first + at);
            Span<long> own = raw.AsSpan(at * classes, some * classes);
            _buffers.Output.Read(0, own);
            Dequantization.Read(_buffers.Output, 0, logits.AsSpan(at * classes, own.Length));
            for (int i = 0; i < some; i++)
                predictions[at + i] = Simulation.ArgMax(own.Slice(i * classes, classes));
        }

        return new(
            new Dictionary<string, object?>(),
            new("logits", [count, classes], logits), new("raw", [count, classes], raw),
            new("predictions", [count], predictions));
    }

    /// <summary>Raw values of layers, each under its name.</summary>
    /// <param name="images">Images.</param>
    /// <param name="layers">Names of layers, or <see cref="InputName"/>; null for all.</param>
    /// <param name="first">As for <see cref="Forward"/>.</param>
    /// <exception cref="RequestException">There is no such layer, or too much of them.</exception>
    public Answer Taps(SentArray images, IReadOnlyList<string>? layers, long first)
    {
        int count = images.ImagesOf(Shape);
        string[] names = [InputName, .. Program.Layers.Select(l => l.Name)];
        int[] tensors = layers is null
            ? [.. Enumerable.Range(0, names.Length)]
            : [.. layers.Select(name => TensorOf(name, names)).Distinct()];
        if (tensors.Length is 0 or > Wire.MostArrays)
            throw new RequestException(
                $"layers: {tensors.Length} (supported: 1..{Wire.MostArrays} at a time)");
        FrameWriter.CheckLength(
            tensors.Sum(t => (long)count * Program.Tensor(t).Shape.Length * SizeOf(t))
                + Wire.MostHead);
        Array[] values = [.. tensors.Select(t => Room(t, count))];
        foreach ((int at, int some) in Stretches(count))
        {
            RunResult run = Simulation.Run(
                Pixels(images, at, some),
                new RunOptions { FirstImage = first + at, Taps = [.. tensors.Order()] });
            for (int i = 0; i < tensors.Length; i++)
                Copy(run.Taps[tensors[i]], values[i], at * Program.Tensor(tensors[i]).Shape.Length);
        }

        return new(
            new Dictionary<string, object?>(),
            [
                .. tensors.Select((t, i) => new AnswerArray(
                    names[t], [count, .. Extents(Program.Tensor(t).Shape)], values[i])),
            ]);
    }

    /// <summary>
    /// Straight-through gradients: the forward pass is the hardware's, the backward pass the float
    /// layers', from the values that the hardware had.
    /// </summary>
    /// <param name="images">Images.</param>
    /// <param name="labels">What the loss is about; null for a vector per image.</param>
    /// <param name="vectors">d something / d logits of each image; null for a loss.</param>
    /// <param name="loss">The loss's name; null for a vector per image.</param>
    /// <param name="first">As for <see cref="Forward"/>.</param>
    /// <exception cref="RequestException">Something does not fit.</exception>
    public Answer Gradient(
        SentArray images, SentArray? labels, SentArray? vectors, string? loss, long first)
    {
        if (WhyNoGradients is { } reason) throw new RequestException($"no gradients: {reason}");
        int count = images.ImagesOf(Shape), classes = Simulation.Classes;
        FrameWriter.CheckLength(
            sizeof(float) * (long)count * (Shape.Length + classes + 2L) + Wire.MostHead);
        (ILoss climbed, int[] about) = LossOf(labels, vectors, loss, count);
        ReadOnlySpan<float> pixels = images.Pixels(ref _pixels);
        var gradients = new float[pixels.Length];
        var logits = new float[Sizes.Elements(count, classes)];
        float[] losses = new float[count];
        int[] predictions = new int[count];
        long[] indices = [.. Enumerable.Range(0, count).Select(i => first + i)];
        if (count > 0)
            _classifier.Differentiate(
                pixels, indices, about, climbed,
                new()
                {
                    Gradients = gradients,
                    Losses = losses,
                    Logits = logits,
                    Classes = predictions,
                });
        return new(
            new Dictionary<string, object?>(),
            new("gradients", [count, .. Extents(Shape)], gradients),
            new("losses", [count], losses), new("logits", [count, classes], logits),
            new("predictions", [count], predictions));
    }

    /// <summary>Test images and labels of the dataset.</summary>
    /// <param name="first">The first.</param>
    /// <param name="most">How many; fewer where there are no more.</param>
    /// <exception cref="RequestException">There is no such image.</exception>
    public Answer Images(int first, int most)
    {
        ImageSet test = Inputs.Data.Test;
        if (first >= test.Count)
            throw new RequestException($"first: is {first} (supported: 0..{test.Count - 1})");
        int count = Math.Min(most, test.Count - first);
        FrameWriter.CheckLength(sizeof(float) * (long)count * (Shape.Length + 1L) + Wire.MostHead);
        return new(
            new Dictionary<string, object?> { ["count"] = test.Count },
            new("images", [count, .. Extents(Shape)], test.Images(first, count).ToArray()),
            new("labels", [count], test.Labels.AsSpan(first, count).ToArray()));
    }

    /// <summary>Channels, rows, columns.</summary>
    public static int[] Extents(TensorShape shape) => [shape.Channels, shape.Rows, shape.Columns];

    /// <inheritdoc/>
    public void Dispose()
    {
        _all.Dispose();
        _trained.Dispose();
    }

    private (ILoss Loss, int[] About) LossOf(
        SentArray? labels, SentArray? vectors, string? loss, int count)
    {
        int classes = Simulation.Classes;
        if (vectors is not null)
        {
            if (labels is not null || loss is not null)
                throw new RequestException("vectors: are instead of loss and labels");
            return vectors.Shape is [var n, var each] && n == count && each == classes
                ? (new VectorLoss(vectors.Floats().ToArray()), [.. Enumerable.Range(0, count)])
                : throw new RequestException(
                    $"vectors: {vectors.Found} (supported: {count}x{classes})");
        }

        if (labels is null || loss is null)
            throw new RequestException(
                "gradient: needs vectors, [image, class], or loss and labels, [image]");
        if (!LossList.Names.Contains(loss))
            throw new RequestException(
                $"loss: '{Brief.Name(loss)}' (supported: {string.Join(", ", LossList.Names)})");
        ReadOnlySpan<int> about = labels.Integers();
        if (labels.Shape is not [var many] || many != count)
            throw new RequestException($"labels: {labels.Found} (supported: {count})");
        int odd = about.IndexOfAnyExceptInRange(0, classes - 1);
        return odd < 0
            ? (LossList.Find(loss), about.ToArray())
            : throw new RequestException(
                $"labels: value {odd} is {about[odd]} (supported: 0..{classes - 1})");
    }

    /// <summary>
    /// As many images at a time as the cores keep in their caches, or a device's memory in one go.
    /// </summary>
    private IEnumerable<(int First, int Count)> Stretches(int count)
    {
        int most = Simulation.WantsManyImages
            ? 128 * ImagesPerCore
            : ImagesPerCore * Environment.ProcessorCount;
        for (int at = 0; at < count; at += most) yield return (at, Math.Min(most, count - at));
    }

    private ReadOnlySpan<float> Pixels(SentArray images, int first, int count) =>
        images.Pixels(first * Shape.Length, count * Shape.Length, ref _pixels);

    private static int TensorOf(string name, string[] names)
    {
        int tensor = Array.IndexOf(names, name);
        return tensor >= 0
            ? tensor
            : throw new RequestException(
                $"layers: no layer '{Brief.Name(name)}'{Suggestion.Hint(name, names)} (supported: "
                    + $"{string.Join(", ", names)})");
    }

    private int SizeOf(int tensor) =>
        Program.Tensor(tensor).MaxRaw <= int.MaxValue ? sizeof(int) : sizeof(long);

    private Array Room(int tensor, int count)
    {
        long values = Sizes.Elements(count, Program.Tensor(tensor).Shape.Length);
        return SizeOf(tensor) == sizeof(int) ? new int[values] : new long[values];
    }

    private static void Copy(long[] from, Array to, int at)
    {
        if (to is long[] wide)
        {
            from.CopyTo(wide, at);
            return;
        }

        Span<int> narrow = ((int[])to).AsSpan(at, from.Length);
        for (int i = 0; i < from.Length; i++) narrow[i] = (int)from[i];
    }
}
