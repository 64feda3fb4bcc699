using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using Xunit.Abstractions;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// On which images the ensemble makes which of its parts, told by the questions that it asks. The
/// first step already gains all there is to gain: each image keeps a share of its margin.
/// </summary>
public class EnsemblePartsTests(ITestOutputHelper output)
{
    private const int Side = 8, Pixels = Side * Side, Grey = 128, Step = 32,
        Gain = Pixels * Step, Queries = 1000;

    /// <summary>Shares of the clean image's margin that stay, whatever is done.</summary>
    private static readonly double[] Shares =
        [0.55, 0.52, 0.48, 0.32, 0.28, 0.26, 0.24, 0.16, 0.14];

    /// <summary>
    /// Near misses on the float network are within 25 %: APGD again with 152 gradients, and Square.
    /// </summary>
    [Fact]
    public void Run_FloatNetwork_SearchesNearMissesAgain() =>
        AssertQueries(0, (0.26, 0), (0.24, 152 + Queries), (0.14, 152 + Queries));

    /// <summary>
    /// Hardware whose margins are much like the float network's. Square lets go of images after a
    /// tenth of its queries, or three tenths; what the ensemble does with the float network's near
    /// misses comes along; near misses of hardware are within 15 %, with Square once more, and then
    /// pixels one by one.
    /// </summary>
    [Fact]
    public void Run_Hardware_LetsGoOfRemoteImagesAndSearchesNearMissesAgain()
    {
        const int OfFloat = 152 + Queries, Patient = (3 * Queries / 10) - (Queries / 10),
            Whole = Queries - (Queries / 10);
        AssertQueries(
            1.4, (0.52, 0), (0.48, Patient), (0.32, Patient), (0.28, Whole), (0.26, Whole),
            (0.24, Whole + OfFloat), (0.16, Whole + OfFloat));

        // 80 rounds of 24 questions. Every pixel is at its end, so what is drawn is a move but for
        // a quarter (to where it is) and an eighth (a step further); within three deviations.
        long[] asked = Asked(1.4);
        long ofPixels = asked[^1] - asked[^2] - 152 - Queries, drawn = 80 * 24;
        Assert.InRange(ofPixels, (drawn * 5 / 8) - 64, (drawn * 5 / 8) + 64);
    }

    /// <summary>
    /// Where the float network is no guide, two more searches of twice the queries, on images that
    /// came half of the way.
    /// </summary>
    [Fact]
    public void Run_HardwareUnlikeTheFloatNetwork_MakesTwoNewStarts()
    {
        long[] alike = Asked(1.4), unlike = Asked(3);
        Assert.Equal(
            Shares.Select(share => share < 0.5 ? 4L * Queries : 0),
            unlike.Zip(alike, (u, a) => u - a));
    }

    /// <summary>
    /// Steps too coarse to show a gain: no image is let go for having gained little.
    /// </summary>
    [Fact]
    public void Run_CoarseMargins_LetsNoneGo()
    {
        long whole = Asked(1.4)[Array.IndexOf(Shares, 0.28)];
        Assert.All(Asked(1.4, "4"), asked => Assert.True(asked >= whole));
    }

    /// <summary>How many more questions than about the image that stays farthest.</summary>
    private void AssertQueries(double factor, params (double Share, long More)[] expected)
    {
        long[] asked = Asked(factor);
        Assert.Equal(
            expected,
            expected.Select(e => (e.Share, asked[Array.IndexOf(Shares, e.Share)] - asked[0])));
    }

    private long[] Asked(double factor, string bits = "16")
    {
        IReadOnlyList<ImageOutcome> outcomes = Run(factor, bits);
        foreach ((double share, ImageOutcome o) in Shares.Zip(outcomes))
            output.WriteLine($"{share}: {o.Queries} queries, {o.GradientQueries} gradients");
        Assert.DoesNotContain(outcomes, o => o.FooledSource);
        return [.. outcomes.Select(o => o.Queries)];
    }

    /// <summary>What is asked about each of <see cref="Shares"/>.</summary>
    /// <param name="factor">
    /// The float network's margins over hardware's; 0 where the float network is the target.
    /// </param>
    /// <param name="bits">Of hardware's logits.</param>
    private static IReadOnlyList<ImageOutcome> Run(double factor, string bits)
    {
        FloatNetwork network = Network(1);
        float[] images = [.. Shares.SelectMany(Image)];
        var budget = new Budget(Norm.Linf, Epsilon.Parse($"{Step}/255"));
        var labelled = new LabelledImages(network.Input, images, new int[Shares.Length]);
        IAttack attack = Ensemble.Standard(queries: Queries);
        if (factor == 0)
        {
            using var model = new ManagedGradientModel(network, 1);
            return Robustness.Run(
                attack, AttackTarget.WhiteBox(new FloatClassifier(model)), labelled, budget).Images;
        }

        QuantizedProgram program = Chip.Quantize(
            network, images, "int8-wide", new ProfileOverride("output.bits", bits));
        using var chip = new Chip(program, Network((float)factor));
        return Robustness.Run(attack, chip.WhiteBox, labelled, budget).Images;
    }

    /// <summary>
    /// Class 0 scores how much brighter than grey pixels are, and what the budget can take from it.
    /// </summary>
    private static FloatNetwork Network(float scale)
    {
        FloatNetwork network = new NetworkBuilder("brightness", new(1, Side, Side))
            .Flatten().Dense(2).Build();
        FloatLayer last = network.Layers[1];
        Array.Clear(last.Parameters[0]);
        Array.Fill(last.Parameters[0], scale, 0, Pixels);
        last.Parameters[1][0] = scale * (Gain - (Pixels * Grey)) / 255f;
        last.Parameters[1][1] = 0;
        return network;
    }

    /// <summary>
    /// An image of which so large a share of the margin is more than can be gained.
    /// </summary>
    private static float[] Image(double share)
    {
        int brighter = (int)Math.Round(Gain * share / (1 - share));
        return
        [
            .. Enumerable.Range(0, Pixels).Select(i =>
                (Grey + ((brighter + i) / Pixels)) / 255f),
        ];
    }
}
