using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Methods.Adaptive;

/// <summary>
/// Search on raw inputs, a pixel at a time: to an end of what the budget allows, or a step; under
/// L2
/// and L1 another pixel goes back to the original's value where the budget asks for it. A move that
/// leaves the margin where it is is taken too.
/// </summary>
/// <param name="hardware">The hardware.</param>
/// <param name="rounds">Moves per image.</param>
/// <param name="width">Moves that are tried for each that is taken.</param>
internal sealed class CoordinateSearch(CutProgram hardware, int rounds = 80, int width = 24)
{
    private readonly InputGrid _grid = new(hardware.Input);

    /// <summary>From the current images, until each is broken or all rounds are done.</summary>
    public void Run(AttackRun run)
    {
        Image[] images = [.. run.Active.Select(slot => new Image(run, slot, hardware))];
        for (int round = 0; round < rounds; round++)
        {
            run.ThrowIfCancelled();
            images = [.. images.Where(i => run.Active.Contains(i.Slot))];
            if (images.Length == 0) return;
            var moves = new List<(Image Image, Change[] Pixels)>();
            foreach (Image image in images)
                for (int m = 0; m < width; m++)
                    if (Propose(run, image) is { } pixels) moves.Add((image, pixels));
            if (moves.Count == 0) return;
            long[] logits = hardware.Try(
                [.. moves.Select(m => (m.Image.Point, Raw(m.Pixels)))]);
            int classes = hardware.Classes;
            foreach (var tried in moves.Index().GroupBy(m => m.Item.Image))
            {
                Image image = tried.Key;
                run.ChargeQueries(image.Slot, tried.Count());
                (long margin, Change[] pixels) = tried
                    .Select(m => (
                        Margin(logits.AsSpan(m.Index * classes, classes), run.Label(image.Slot)),
                        m.Item.Pixels))
                    .MaxBy(m => m.Item1);
                if (margin < image.Margin) continue;
                image.Margin = margin;
                hardware.Take(image.Point, Raw(pixels));
                foreach (Change c in pixels)
                    image.Pixels[c.Pixel] = image.Trial[c.Pixel] = c.Value;
            }

            foreach (Image image in images.Where(i => i.Margin > 0))
            {
                image.Pixels.CopyTo(run.Current(image.Slot));
                run.Query([image.Slot]);
            }
        }

        foreach (Image image in images) image.Pixels.CopyTo(run.Current(image.Slot));
    }

    /// <summary>
    /// How far the best wrong logit is ahead, twice, and one more where the tie is the wrong
    /// class's: positive exactly where the hardware decides wrong.
    /// </summary>
    public static long Margin(ReadOnlySpan<long> logits, int label)
    {
        long best = long.MinValue;
        for (int j = 0; j < logits.Length; j++)
            if (j != label)
                best = Math.Max(best, (2 * (logits[j] - logits[label])) + (j < label ? 1 : -1));
        return best;
    }

    private static CutProgram.Move Raw(Change[] pixels) =>
        new([.. pixels.Select(c => (c.Pixel, c.To))]);

    private Change[]? Propose(AttackRun run, Image image)
    {
        ReadOnlySpan<float> original = run.Original(image.Slot);
        int pixel = image.Random.NextBelow(original.Length);
        double epsilon = run.Budget.Epsilon.Value;
        long now = image.Point.Raw[pixel];
        float value = image.Random.NextBelow(4) switch
        {
            0 => (float)Math.Max(original[pixel] - epsilon, 0),
            1 => (float)Math.Min(original[pixel] + epsilon, 1),
            2 => _grid.Find(now + image.Random.NextSign(), pixel) ?? image.Pixels[pixel],
            _ => original[pixel],
        };
        List<Change> changes = [];
        if (!TryAdd(run, image, pixel, value, changes)) return null;
        if (run.Budget.Norm == Norm.Linf) return [.. changes];

        // Others pay: pixels go back to what they were until the change fits.
        for (int tries = 0; tries < 12; tries++)
        {
            if (Fits(run, image, changes)) return [.. changes];
            int other = image.Random.NextBelow(original.Length);
            for (int look = 0; look < original.Length && (image.Pixels[other] == original[other]
                || changes.Any(c => c.Pixel == other)); look++)
                other = (other + 1) % original.Length;
            if (!TryAdd(run, image, other, original[other], changes)) return null;
        }

        return null;
    }

    /// <summary>
    /// Adds a change if the hardware sees it; the pixel as the budget lets it be.
    /// </summary>
    private bool TryAdd(
        AttackRun run, Image image, int pixel, float value, List<Change> changes)
    {
        float allowed = run.Budget.Nearest(run.Original(image.Slot)[pixel], value);
        long to = hardware.Input.Quantize(allowed, pixel);
        if (to == image.Point.Raw[pixel]) return false;
        changes.Add(new(pixel, allowed, to));
        return true;
    }

    private static bool Fits(AttackRun run, Image image, List<Change> changes)
    {
        foreach (Change c in changes) image.Trial[c.Pixel] = c.Value;
        bool fits = run.Budget.Contains(run.Original(image.Slot), image.Trial);
        foreach (Change c in changes) image.Trial[c.Pixel] = image.Pixels[c.Pixel];
        return fits;
    }

    private readonly record struct Change(int Pixel, float Value, long To);

    /// <summary>An image on its way.</summary>
    private sealed class Image
    {
        private KeyedRandom _random;

        public Image(AttackRun run, int slot, CutProgram hardware)
        {
            Slot = slot;
            run.Constrain(slot);
            Pixels = [.. run.Current(slot)];
            run.Budget.Snap(run.Original(slot), Pixels);
            Trial = [.. Pixels];
            Point = hardware.At(hardware.Input.Quantize(Pixels), run.FirstIndex + slot);
            _random = run.Random(slot, RandomPurpose.CoordinateSearch);
            Margin = CoordinateSearch.Margin(
                hardware.Try([(Point, new([]))]), run.Label(slot));
            run.ChargeQueries(slot, 1);
        }

        public int Slot { get; }

        public float[] Pixels { get; }

        public float[] Trial { get; }

        public CutProgram.Point Point { get; }

        public long Margin { get; set; }

        public ref KeyedRandom Random => ref _random;
    }
}
