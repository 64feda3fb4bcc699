using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Runner.Data;
using QSim.Runner.Data.Sources;
using QSim.Simulator;
using QSim.Simulator.Arrays;
using QSim.Simulator.Networks;

namespace QSim.Runner.Explanations;

/// <summary>How far one tensor is from what the user has for it.</summary>
/// <param name="Name">The layer, or <c>logits</c>.</param>
/// <param name="Largest">Largest difference.</param>
/// <param name="Image">The image where it is.</param>
/// <param name="Found">QSim's value there.</param>
/// <param name="Golden">The user's.</param>
internal sealed record GoldenDifference(
    string Name, double Largest, int Image, double Found, double Golden);

/// <summary>
/// A user's own results for some images: an npz with the images as the network takes them
/// (<c>x</c>), its logits (<c>y</c>), and where wanted values between layers under their names.
/// </summary>
internal sealed class GoldenLogits
{
    /// <summary>What an array of images or of logits may be called.</summary>
    private static readonly string[] Inputs = ["x", "images", "input"],
        Outputs = ["y", "logits", "output"], Endings = [".output", "_output_0", ":0"];

    private readonly string _path;
    private readonly IReadOnlyDictionary<string, NpyArray> _arrays;
    private readonly string _logits;
    private readonly GoldenLayout _layout;

    private GoldenLogits(
        string path, IReadOnlyDictionary<string, NpyArray> arrays, GoldenLayout layout,
        TensorShape? wanted)
    {
        (_path, _arrays, _layout) = (path, arrays, layout);
        string images = Named(Inputs);
        _logits = Named(Outputs);
        NpyArray array = arrays[images];
        if (wanted is { } shape && !array.Shape.Contains(0)
            && layout.IsLast(array.Shape, shape) is { } isLast)
            (Shape, IsChannelsLast) = (shape, isLast);
        else
        {
            const string Option = "--shape CxRxC";
            Shape = NpzImages.ShapeOf(array, BadImages, option: Option);
            IsChannelsLast = array.Shape.Length == 4
                && NpzImages.IsChannelsLast(array.Shape, BadImages, option: Option);
        }

        float[] values = Pixels(images, array);
        Images = IsChannelsLast
            ? new GoldenLayout(isLast: true).InOrder(values, array.Shape, Shape)
            : values;

        RequestException BadImages(string why) => Bad($"{images}: {why}");
    }

    /// <summary>Shape of an image.</summary>
    public TensorShape Shape { get; }

    /// <summary>The images, one after another.</summary>
    public float[] Images { get; }

    /// <summary>Whether the file has channels last.</summary>
    public bool IsChannelsLast { get; }

    private int Count => Images.Length / Shape.Length;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="layout">How a network's arrays lie.</param>
    /// <param name="wanted">The shape of its images; null where it leaves that open.</param>
    /// <exception cref="RequestException">It is none, or something in it does not fit.</exception>
    public static GoldenLogits Read(string path, GoldenLayout layout, TensorShape? wanted)
    {
        try
        {
            return new(path, NpzFile.Read(DataBytes.Read(path)), layout, wanted);
        }
        catch (InvalidDataException e)
        {
            throw new RequestException($"{path}: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>
    /// Differences of the float network: of the layers given, in their order, and of the logits.
    /// </summary>
    /// <exception cref="RequestException">An array does not fit the network.</exception>
    public IReadOnlyList<GoldenDifference> Compare(FloatNetwork network)
    {
        string[] others = [.. _arrays.Keys.Where(k => k != _logits && !Inputs.Contains(k))];
        (int Tensor, string Name)[] taps =
        [
            .. network.Layers.Select((l, i) => (i + 1, others.FirstOrDefault(
                    o => IsOf(o, l.Name))))
                .Where(t => t.Item2 is not null).Select(t => (t.Item1, t.Item2!)),
            (network.Layers.Length, _logits),
        ];
        var found = taps.ToDictionary(t => t, t => new List<float>());
        for (int i = 0; i < Count; i++)
        {
            float[][] tensors = FloatForward.Run(
                network, Images.AsSpan(i * Shape.Length, Shape.Length));
            foreach (var tap in taps) found[tap].AddRange(tensors[tap.Tensor]);
        }

        return [.. taps.Select(t => Difference(
            t.Name == _logits ? "logits" : network.Layers[t.Tensor - 1].Name, t.Name,
            [.. found[t].Select(v => (double)v)], network.Shape(t.Tensor)))];
    }

    /// <summary>
    /// Names of arrays that are no images, logits or layers; on hardware, of which logits alone are
    /// compared, all but those.
    /// </summary>
    public IReadOnlyList<string> Ignored(FloatNetwork network, bool isHardware) =>
    [
        .. _arrays.Keys.Where(k => k != _logits && !Inputs.Contains(k)
            && (isHardware || !network.Layers.Any(l => IsOf(k, l.Name)))),
    ];

    /// <summary>
    /// What is to say where the user's logits look like what a softmax makes, which networks do
    /// without at their end; else null.
    /// </summary>
    public string? Normalized()
    {
        double[] golden = Finite(_logits);
        double[][] images = [.. golden.Chunk(Math.Max(1, golden.Length / Math.Max(1, Count)))];
        string? what = images.All(i => i.Length > 1 && i.All(v => v >= 0) && IsOne(i.Sum()))
                ? "each image's sum to 1"
            : images.All(i => i.Length > 1 && IsOne(i.Sum(Math.Exp)))
                ? "each image's exponentials sum to 1"
            : null;
        return what is null ? null
            : $"{_logits}: {what}, as a softmax makes them: one at a network's end is left out "
                + "here, and logits are what goes into it";

        static bool IsOne(double sum) => Math.Abs(sum - 1) < 1e-3;
    }

    /// <summary>
    /// Whether an array is a layer's, by its name or as exporters call what it writes:
    /// <c>/conv/Conv_output_0</c>, <c>conv:0</c>.
    /// </summary>
    private static bool IsOf(string array, string layer)
    {
        string? ending = Endings.FirstOrDefault(
            e => array.EndsWith(e, StringComparison.Ordinal));
        string bare = array[..^(ending?.Length ?? 0)];
        return array == layer || bare == layer || bare.TrimStart('/') == layer;
    }

    /// <summary>The difference of hardware's logits, as real numbers.</summary>
    /// <exception cref="RequestException">The logits do not fit the network.</exception>
    public GoldenDifference Compare(QuantizedProgram program)
    {
        using var hardware = new Simulation(program, BackendList.Best(program));
        TensorType type = program.Output;
        return Difference("logits", _logits,
            [.. hardware.Run(Images, RunOptions.Default).Outputs
                .Select(r => type.IsFloat32
                    ? OrderedFloat.Value(r)
                    : (double)(float)((r - type.ZeroPoint) * (float)type.Scale))], type.Shape);
    }

    private GoldenDifference Difference(
        string name, string array, double[] found, TensorShape shape)
    {
        double[] golden = _layout.InOrder(Finite(array), _arrays[array].Shape, shape);
        if (golden.Length != found.Length)
            throw Bad(
                $"{array}: {NpzImages.Text(_arrays[array].Shape)} for {Count} images, where "
                    + $"'{name}' has {found.Length / Count} values each");
        int worst = 0;
        for (int i = 0; i < found.Length; i++)
            if (Apart(i) > Apart(worst)) worst = i;
        return new(
            name, Apart(worst), worst / (found.Length / Count), found[worst], golden[worst]);

        // A network may overflow to what is no number: that is apart from all numbers.
        double Apart(int i) => double.IsFinite(found[i])
            ? Math.Abs(found[i] - golden[i])
            : double.PositiveInfinity;
    }

    private double[] Finite(string name)
    {
        NpyArray array = _arrays[name];
        if (array.Type[1] == 'U')
            throw Bad($"{name}: elements of type '{array.Type}' (supported: numbers)");
        double[] values = array.ToReals();
        int odd = Array.FindIndex(values, v => !float.IsFinite((float)v));
        return odd < 0
            ? values
            : throw Bad(FormattableString.Invariant(
                $"{name}: value {odd} is {values[odd]} (supported: finite numbers)"));
    }

    private float[] Pixels(string name, NpyArray array)
    {
        if (array.Type is "|u1" or "<u1") return Array.ConvertAll(array.Data, v => v / 255f);
        return array.IsInteger
            ? throw Bad(
                $"{name}: elements of type '{array.Type}' (supported: floats, or uint8, of which "
                    + "255 is 1; integers that a quantized network takes as (x - zero point) * "
                    + "scale)")
            : Array.ConvertAll(Finite(name), v => (float)v);
    }

    private string Named(string[] names) =>
        names.FirstOrDefault(_arrays.ContainsKey) ?? throw Bad(
            $"has no array '{names[0]}' (found: {Brief.List(_arrays.Keys)}; needed: "
                + $"{string.Join(" or ", Inputs)} for images, {string.Join(" or ", Outputs)} for "
                + "logits; others are values of layers by their names)");

    private RequestException Bad(string what) => new($"{_path}: {what}");
}
