using QSim.Attacks.Evaluation;
using QSim.Attacks.Tests.Evaluation;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// Hardware on which a search has to go to one corner of the budget: every pixel is read as one of
/// two raw values within it, class 1 scores a weighted sum of pixels less a bar, class 0 nothing.
/// </summary>
internal sealed class PlantedSearch : IDisposable
{
    public const int Count = 24;
    public const double Epsilon = 0.1;

    private readonly Chip _chip;
    private readonly int _pixels;
    private float[] _corners = [];

    private PlantedSearch(
        FloatNetwork network, float[] images, params ProfileOverride[] hardware)
    {
        _pixels = network.Input.Length;
        Images = new(network.Input, images, new int[Count]);
        _chip = new(network, images, "int8-wide", [new("input", "uint2"), .. hardware]);
    }

    public LabelledImages Images { get; }

    public HardwareClassifier Hardware => _chip.Hardware;

    public void Dispose() => _chip.Dispose();

    /// <summary>
    /// 16 pixels and logits of three bits: nearly all of the budget lies at one and the same
    /// margin, and of 65,536 corners few are wrong, or none.
    /// </summary>
    public static PlantedSearch Plateau()
    {
        const int Side = 4;
        (float[] weights, float[] pixels, float[] corners, KeyedRandom _) = Draw(Side, 7);
        double[] tops = [.. Enumerable.Range(0, Count).Select(i => Enumerable
            .Range(0, weights.Length)
            .Sum(p => (double)weights[p] * corners[(i * weights.Length) + p]))];
        FloatNetwork network = new NetworkBuilder("plateau", new(1, Side, Side))
            .Flatten().Dense(2).Build();
        FloatLayer last = network.Layers[1];
        weights.CopyTo(last.Parameters[0], weights.Length);

        // Class 1 wins where its logit is rounded up to a whole step, of which this is a part.
        last.Parameters[1][1] = 0.5f - (float)tops.Order().ElementAt(Count / 2);
        return new(network, pixels, new ProfileOverride("output.bits", "3"));
    }

    /// <summary>
    /// 144 pixels, and between them and the sum 64 units whose activations have four bits: each
    /// rounds a part of the sum, and together they make the margin so rough that what a pixel adds
    /// drowns in it.
    /// </summary>
    public static PlantedSearch Rough(ulong seed)
    {
        const int Side = 12, Units = 64;
        (float[] weights, float[] pixels, float[] corners, KeyedRandom random) = Draw(Side, seed);
        FloatNetwork network = new NetworkBuilder("rough", new(1, Side, Side))
            .Flatten().Dense(Units).Relu().Dense(2).Build();
        FloatLayer first = network.Layers[1], last = network.Layers[3];
        for (int unit = 0; unit < Units; unit++)
        {
            for (int p = 0; p < weights.Length; p++)
            {
                float weight = (weights[p] / Units)
                    + (random.NextFloat(-0.5f, 0.5f) / MathF.Sqrt(Units));
                first.Parameters[0][(unit * weights.Length) + p] = weight;
                first.Parameters[1][unit] += Math.Max(-weight, 0) * 0.75f;
            }

            last.Parameters[0][Units + unit] = 1;
        }

        ProfileOverride[] hardware = [new("output.bits", "16"), new("activation.bits", "4")];
        using (var level = new PlantedSearch(network, pixels, hardware))
            last.Parameters[1][1] = 1 - level.Margins(corners).Order().ElementAt(Count / 2);
        return new(network, pixels, hardware) { _corners = corners };
    }

    /// <summary>
    /// Of <see cref="Rough"/>, how many images hardware has wrong at the corner where the float
    /// network has them wrong by most.
    /// </summary>
    public int WrongAtTheCorner => Margins(_corners).Count(m => m > 0);

    /// <summary>Whether any of all the raw inputs within the budget is wrong.</summary>
    public bool IsSafe(int index)
    {
        const int Batch = 4096;
        float[] low = [.. Images.Image(index).ToArray().Select(p => p - (float)Epsilon)];
        float[] high = [.. Images.Image(index).ToArray().Select(p => p + (float)Epsilon)];
        Simulation hardware = _chip.Simulation;
        long[] first = hardware.QuantizeInput(low), last = hardware.QuantizeInput(high);
        Assert.All(first.Zip(last), pair => Assert.Equal(pair.First + 1, pair.Second));
        float[] lattice = new float[Batch * _pixels];
        for (int done = 0; done < 1 << _pixels; done += Batch)
        {
            for (int c = 0; c < Batch; c++)
                for (int p = 0; p < _pixels; p++)
                    lattice[(c * _pixels) + p] = (float)hardware.Input.Pixel(
                        first[p] + (((done + c) >> p) & 1), p);
            if (hardware.Classify(lattice).Any(c => c != 0)) return false;
        }

        return true;
    }

    private float[] Margins(float[] images)
    {
        float[] logits = new float[Count * 2];
        Hardware.Classify(
            images, [.. Enumerable.Range(0, Count)], logits, new int[Count]);
        return [.. Enumerable.Range(0, Count).Select(i => logits[(2 * i) + 1] - logits[2 * i])];
    }

    /// <summary>
    /// Weights of either sign, images whose pixels lie where two raw values meet, and the corner of
    /// each image's budget that the weights like most.
    /// </summary>
    private static (float[] Weights, float[] Pixels, float[] Corners, KeyedRandom Random) Draw(
        int side, ulong seed)
    {
        var random = new KeyedRandom(seed, RandomPurpose.AttackStart, 0);
        float[] weights = new float[side * side], pixels = new float[Count * side * side];
        for (int i = 0; i < weights.Length; i++)
            weights[i] = random.NextSign() * random.NextFloat(0.5f, 1f);
        float[] corners = new float[pixels.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            float edge = (96 + (64 * random.NextBelow(2))) / 255f;
            pixels[i] = edge + random.NextFloat(-0.03f, 0.03f);
            corners[i] = edge + (32 / 255f * MathF.Sign(weights[i % weights.Length]));
        }

        return (weights, pixels, corners, random);
    }
}
