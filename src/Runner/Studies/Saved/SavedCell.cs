using System.Buffers.Binary;
using QSim.Attacks.Evaluation;
using QSim.Kernels.Datapath;
using QSim.Runner.Studies.Cells;
using QSim.Simulator;
using QSim.Simulator.Arrays;
using QSim.Simulator.Files;

namespace QSim.Runner.Studies.Saved;

/// <summary>
/// The images that one attack left under one budget, with what their target made of them.
/// </summary>
/// <param name="Images">The images as they were, with their true classes.</param>
/// <param name="Adversarial">After the attack, laid out alike.</param>
internal sealed record SavedCell(LabelledImages Images, float[] Adversarial)
{
    /// <summary>Names of AutoAttack's users for adversarial images and classes.</summary>
    private static readonly string[] PixelNames = ["x_adv"], LabelNames = ["labels", "y", "y_test"];

    /// <summary>Name of the target; null in files that somebody else wrote.</summary>
    public string? Target { get; init; }

    /// <summary>One per image: whether the target was right before and after.</summary>
    public bool[]? Outcomes { get; init; }

    /// <summary>How budgets are measured; null where nobody says.</summary>
    public Norm? Norm { get; init; }

    /// <summary>The budget; null where nobody says.</summary>
    public double? Epsilon { get; init; }

    /// <summary>Seed of the study that made it; null where nobody says.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Whether the images as they were are in the file.</summary>
    public bool HasOriginals { get; init; } = true;

    /// <summary>The arrays of a file.</summary>
    /// <param name="address">The cell.</param>
    /// <param name="images">The images as they were.</param>
    /// <param name="adversarial">After the attack.</param>
    /// <param name="judge">What the target made of both.</param>
    /// <param name="raw">
    /// The raw inputs that the hardware has for them; null for the float network.
    /// </param>
    /// <param name="distances">Sizes of the changes under the norm.</param>
    public static IEnumerable<(string Name, NpyArray Array)> Arrays(
        CellAddress address, LabelledImages images, float[] adversarial, JudgeResult judge,
        long[]? raw, double[] distances)
    {
        TensorShape s = images.Shape;
        int[] all = [images.Count, s.Channels, s.Rows, s.Columns];
        yield return ("x_adv", NpyArray.Of(adversarial, all));
        yield return ("images", NpyArray.Of(images.Pixels, all));
        yield return ("labels", Wide(images.Labels));
        yield return ("clean_class", Wide(judge.CleanClasses));
        yield return ("adversarial_class", Wide(judge.AdversarialClasses));
        byte[] outcomes =
            [.. Enumerable.Range(0, images.Count).Select(i => (byte)(judge.IsRobust(i) ? 1 : 0))];
        yield return ("outcome", new("|u1", [images.Count], outcomes));
        yield return ("distance", NpyArray.Of(distances, images.Count));
        if (raw is not null) yield return ("raw", NpyArray.Of(raw, all));
        yield return ("target", NpyArray.Of(address.Target));
        yield return ("attack", NpyArray.Of(address.Attack));
        yield return ("threat", NpyArray.Of(EnumWord.Of(address.Threat!.Value)));
        yield return ("norm", NpyArray.Of(EnumWord.Of(address.Norm)));
        yield return ("epsilon", NpyArray.Of([address.Epsilon.Value]));
        yield return ("seed", NpyArray.Of([checked((long)address.Seed)]));
    }

    /// <summary>Reads a file that <see cref="Arrays"/> or somebody else filled.</summary>
    /// <exception cref="InputException">It is damaged, or lacks what is needed.</exception>
    public static SavedCell Read(string path)
    {
        try
        {
            return Parse(NpzFile.Read(InputFile.Read(path)));
        }
        catch (Exception e)
            when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new InputException(InputError.InBinary(
                path, e.Message.TrimEnd('.') + InputFile.Beside(path, ".npz")));
        }
    }

    private static SavedCell Parse(IReadOnlyDictionary<string, NpyArray> arrays)
    {
        NpyArray pixels = Find(arrays, PixelNames);
        if (pixels.Shape.Length is < 2 or > 4 || pixels.Type is not ("<f4" or "<f8"))
            throw new InvalidDataException(
                $"x_adv is '{pixels.Type}' of {pixels.Shape.Length} dimensions (supported: float32 "
                    + "or float64, [image, channel, row, column] or fewer)");
        long[] labels = Find(arrays, LabelNames).ToIntegers();
        int[] extent = [.. pixels.Shape.Skip(1)];
        TensorShape shape = extent.Length switch
        {
            1 => new(extent[0]),
            2 => new(1, extent[0], extent[1]),
            _ => new(extent[0], extent[1], extent[2]),
        };
        if (labels.Length != pixels.Shape[0])
            throw new InvalidDataException(
                $"{labels.Length} labels for {pixels.Shape[0]} images");
        if (labels.Any(l => l is < 0 or > int.MaxValue))
            throw new InvalidDataException("labels are not classes numbered from 0");
        float[] adversarial = Pixels("x_adv", pixels);
        float[]? originals =
            arrays.TryGetValue("images", out NpyArray? clean) && clean.Length == pixels.Length
                ? Pixels("images", clean)
                : null;
        return new(
            new(shape, originals ?? adversarial, [.. labels.Select(l => (int)l)]), adversarial)
        {
            HasOriginals = originals is not null,
            Target = arrays.TryGetValue("target", out NpyArray? target) ? target.ToText() : null,
            Outcomes = arrays.TryGetValue("outcome", out NpyArray? o) && o.Length == labels.Length
                ? [.. o.ToIntegers().Select(v => v != 0)]
                : null,
            Norm = arrays.TryGetValue("norm", out NpyArray? norm)
                && Enum.TryParse(norm.ToText(), ignoreCase: true, out Norm named)
                && Enum.IsDefined(named)
                    ? named
                    : null,
            Epsilon = arrays.TryGetValue("epsilon", out NpyArray? e) && e.Length == 1
                ? e.ToReals()[0]
                : null,
            Seed = arrays.TryGetValue("seed", out NpyArray? seed)
                && seed is { Length: 1, IsInteger: true }
                && seed.ToIntegers()[0] is >= 0 and long number
                    ? (ulong)number
                    : null,
        };
    }

    private static NpyArray Find(
        IReadOnlyDictionary<string, NpyArray> arrays, string[] names) =>
        names.Select(arrays.GetValueOrDefault).FirstOrDefault(a => a is not null)
        ?? throw new InvalidDataException(
            $"there is no array {string.Join(" or ", names)} (found: "
                + $"{string.Join(", ", arrays.Keys)})");

    private static float[] Pixels(string name, NpyArray array)
    {
        float[] pixels = [.. array.ToReals().Select(v => (float)v)];
        return pixels.All(p => p is >= 0 and <= 1)
            ? pixels
            : throw new InvalidDataException($"{name}: a pixel is not in 0..1");
    }

    /// <summary>As PyTorch wants classes: 64 bits.</summary>
    private static NpyArray Wide(int[] values)
    {
        byte[] data = new byte[values.Length * sizeof(long)];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(i * sizeof(long)), values[i]);
        return new("<i8", [values.Length], data);
    }
}
