using System.Text.Json.Serialization;
using QSim.Kernels.Datapath;

namespace QSim.Runner.Data.Pixels;

/// <summary>
/// What is done to images before anybody sees them, attackers among them: the order of dimensions,
/// another size, a part from the middle, another order of the channels. The pixels that come out
/// are those that budgets are about.
/// </summary>
internal sealed record ImageGeometry
{
    /// <summary>Most rows or columns to ask for.</summary>
    public const int MostPixels = 16_384;

    /// <summary>Where an array has its channels; null for what its shape says.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChannelLayout? Layout { get; init; }

    /// <summary>The order of three channels that the network takes.</summary>
    public ChannelOrder Order { get; init; }

    /// <summary>
    /// Rows and columns; or one number for the shorter side, the other in proportion. Empty for
    /// none.
    /// </summary>
    public IReadOnlyList<int> Resize { get; init; } = [];

    /// <summary>How sizes change.</summary>
    public Interpolation Interpolation { get; init; } = Interpolation.Bilinear;

    /// <summary>Whether filters widen where images get smaller, as Pillow's do.</summary>
    public bool Antialias { get; init; } = true;

    /// <summary>
    /// Rows and columns of the part from the middle; or one number for both. Empty for none.
    /// </summary>
    public IReadOnlyList<int> Crop { get; init; } = [];

    /// <summary>Whether it leaves images as they are.</summary>
    [JsonIgnore]
    public bool IsNone => Layout is null && ChangesNothing;

    private bool ChangesNothing =>
        Order == ChannelOrder.Rgb && Resize.Count == 0 && Crop.Count == 0;

    /// <summary>As it is written, for keys by content; empty for nothing.</summary>
    [JsonIgnore]
    public string Text => IsNone ? "" : FormattableString.Invariant(
        $"{Layout};{Order};{string.Join("x", Resize)};{Interpolation};{Antialias};")
            + string.Join("x", Crop);

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="RequestException">It cannot.</exception>
    public void Check()
    {
        foreach (IReadOnlyList<int> size in new[] { Resize, Crop })
            if (size.Count > 2 || size.Any(s => s is < 1 or > MostPixels))
                throw NoSize(string.Join(',', size));
        if (!Antialias && Interpolation is not (Interpolation.Nearest or Interpolation.Bilinear))
            throw new RequestException(
                $"preprocess: antialias false with {EnumWord.Of(Interpolation)} "
                    + "(supported: nearest, bilinear)");
    }

    /// <summary>What is said of sizes that cannot be, as they were written.</summary>
    public static RequestException NoSize(string text) => new(
        $"size {text} (supported: one or two numbers, 1..{MostPixels})");

    /// <summary>Images of one set, each as the network takes it.</summary>
    /// <param name="images">As they were read.</param>
    /// <param name="name">Whose they are, for messages.</param>
    /// <exception cref="RequestException">They cannot be so changed.</exception>
    public ImageSet Apply(ImageSet images, string name)
    {
        if (ChangesNothing) return images;
        TensorShape shape = images.Shape;
        TensorShape result = ShapeOf(shape, name);
        var pixels = new float[Sizes.Elements(images.Count, result.Length)];
        for (int i = 0; i < images.Count; i++)
            Apply(images.Images(i, 1), shape, images.IsBytes, name).CopyTo(
                pixels, i * result.Length);
        return images with { Shape = result, Pixels = pixels };
    }

    /// <summary>One image.</summary>
    /// <param name="pixels">[channel][row][column] in 0..1.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="isBytes">Whether its pixels are 255ths.</param>
    /// <param name="name">What it is called, for messages.</param>
    /// <exception cref="RequestException">It cannot be so changed.</exception>
    public float[] Apply(ReadOnlySpan<float> pixels, TensorShape shape, bool isBytes, string name)
    {
        TensorShape result = ShapeOf(shape, name);
        (int Rows, int Columns) size = Resized(shape);
        var resizer = new PlaneResizer(
            Interpolation, Antialias, (shape.Rows, shape.Columns), size, isBytes);
        int top = Middle(size.Rows, result.Rows), left = Middle(size.Columns, result.Columns);
        var changed = new float[result.Length];
        for (int c = 0; c < shape.Channels; c++)
        {
            ReadOnlySpan<float> plane = pixels.Slice(c * shape.Positions, shape.Positions);
            float[] all = Resize.Count == 0 ? plane.ToArray() : resizer.Resize(plane);
            int to = Order == ChannelOrder.Bgr ? shape.Channels - 1 - c : c;
            for (int row = 0; row < result.Rows; row++)
                all.AsSpan(((row + top) * size.Columns) + left, result.Columns).CopyTo(
                    changed.AsSpan(((to * result.Rows) + row) * result.Columns));
        }

        return changed;
    }

    /// <summary>Images that a network takes, with their channels as pictures have them.</summary>
    /// <param name="pixels">One image.</param>
    public float[] AsPicture(ReadOnlySpan<float> pixels)
    {
        if (Order == ChannelOrder.Rgb) return pixels.ToArray();
        int third = pixels.Length / 3;
        return [.. pixels[(2 * third)..], .. pixels[third..(2 * third)], .. pixels[..third]];
    }

    /// <summary>The shape that an image gets.</summary>
    /// <exception cref="RequestException">It cannot be so changed.</exception>
    public TensorShape ShapeOf(TensorShape shape, string name)
    {
        if (Order == ChannelOrder.Bgr && shape.Channels != 3)
            throw new RequestException(
                $"{name}: preprocess: order bgr for images of {shape.Channels} channels "
                    + "(supported: three)");
        if (shape.Positions == 1 && (Resize.Count > 0 || Crop.Count > 0))
            throw new RequestException(
                $"{name}: preprocess: resize and crop are for images, not for features");
        (int rows, int columns) = Resized(shape);
        (int Rows, int Columns) part = Crop switch
        {
            [] => (rows, columns),
            [var side] => (side, side),
            _ => (Crop[0], Crop[1]),
        };
        if (part.Rows > rows || part.Columns > columns)
            throw new RequestException(
                $"{name}: preprocess: a crop of {part.Rows}x{part.Columns} does not fit into "
                    + $"{rows}x{columns} pixels");
        var result = new TensorShape(shape.Channels, part.Rows, part.Columns);
        return Sizes.WhyNot(shape with { Rows = rows, Columns = columns }) is { } large
            ? throw new RequestException($"{name}: preprocess: {large}")
            : result;
    }

    /// <summary>torchvision's rule: the longer side is cut to a whole number.</summary>
    private (int Rows, int Columns) Resized(TensorShape shape) => Resize switch
    {
        [] => (shape.Rows, shape.Columns),
        [var side] => shape.Columns <= shape.Rows
            ? (Longer(side, shape.Rows, shape.Columns), side)
            : (side, Longer(side, shape.Columns, shape.Rows)),
        _ => (Resize[0], Resize[1]),
    };

    private static int Longer(int side, int longer, int shorter) =>
        (int)Math.Min((long)side * longer / shorter, int.MaxValue);

    /// <summary>torchvision's rule: half of what is left, ties to even.</summary>
    private static int Middle(int whole, int part) =>
        (int)Math.Round((whole - part) / 2.0, MidpointRounding.ToEven);
}

/// <summary>Where an array of images has its channels.</summary>
internal enum ChannelLayout
{
    /// <summary>[image, channel, row, column], as PyTorch.</summary>
    ChannelsFirst,

    /// <summary>[image, row, column, channel], as Keras.</summary>
    ChannelsLast,
}

/// <summary>Which way round three channels are.</summary>
internal enum ChannelOrder
{
    /// <summary>As files have them.</summary>
    Rgb,

    /// <summary>As OpenCV reads them and Keras' caffe mode turns them.</summary>
    Bgr,
}
