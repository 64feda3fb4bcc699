using QSim.Simulator.Arrays;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>
/// <c>qsim explain</c> on a network trained for one epoch, through the real executable.
/// </summary>
public sealed class ExplainTests : IDisposable
{
    private static readonly string[] Small =
    [
        "--epochs",
        "1",
        "--images",
        "20",
        "--profile",
        "int8-acc-wrap",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Overflow_OfANarrowAccumulator_ReplaysUpToTheStepThatWrapped()
    {
        Finished run = Qsim.Run(["explain", "overflow", .. Small, "--stage", "accumulator"]);

        Assert.Equal(0, run.ExitCode);
        string[] lines = run.Out.Split('\n');
        string step = Assert.Single(
            lines, l => l.Contains("(overflowed)") && !l.StartsWith("output"));
        string[] cells = step.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        (long sum, long accumulator) = (long.Parse(cells[^3]), long.Parse(cells[^2]));

        // 17 bits wrap: the exact sum left the range, and what is kept differs from it by 2^17.
        Assert.True(sum is > 65535 or < -65536, step);
        Assert.Equal(1L << 17, Math.Abs(sum - accumulator));
        Assert.Contains("accumulator  17 bits, raw -65536..65535", run.Out);
    }

    [Fact]
    public void Taps_OfOneImage_AreTheRegistersThatExplainShows()
    {
        Finished run = Qsim.RunIn(
            _folder.Path, ["explain", "taps", .. Small, "--image", "3", "--out", "taps.npz"]);

        Assert.Equal(0, run.ExitCode);
        IReadOnlyDictionary<string, NpyArray> taps = NpzFile.Read(
            File.ReadAllBytes(_folder.File("taps.npz")));
        NpyArray products = taps["conv1.product"];
        NpyArray sums = taps["conv1.accumulator"];
        Assert.Equal(new[] { 1, 8, 8, 8, 9 }, products.Shape);
        long[] p = products.ToIntegers();
        long[] a = sums.ToIntegers();

        // Between two updates that do not wrap lies one product.
        Assert.All(
            Enumerable.Range(0, 512),
            e => Assert.Equal(p[(e * 9) + 4], a[(e * 9) + 4] - a[(e * 9) + 3]));
        Assert.Equal(new[] { 1, 10, 1, 1 }, taps["dense2.output"].Shape);
        Assert.Equal([3], taps["image"].ToIntegers());
        Finished conform = Qsim.RunIn(_folder.Path, ["conform", "taps.npz"]);
        Assert.True(conform.ExitCode == 0, conform.Out + conform.Error);
    }

    [Fact]
    public void Taps_OfSeveralImages_HaveTheNetworkToo_AndConform()
    {
        Finished run = Qsim.RunIn(
            _folder.Path,
            [
                "explain", "taps", .. Small, "--image", "0..2,5", "--outputs-only", "--out",
                "many.npz",
            ]);

        Assert.True(run.ExitCode == 0, run.Error);
        IReadOnlyDictionary<string, NpyArray> taps = NpzFile.Read(
            File.ReadAllBytes(_folder.File("many.npz")));
        Assert.Equal([0, 1, 2, 5], taps["image"].ToIntegers());
        Assert.Equal(new[] { 4, 8, 8, 8 }, taps["conv1.output"].Shape);
        Assert.Equal(new[] { 8, 1, 3, 3 }, taps["conv1.weight"].Shape);
        Assert.Equal(8, taps["conv1.bias"].Length);
        Assert.Equal(8, taps["conv1.shift"].Length);
        Assert.DoesNotContain("conv1.product", taps.Keys);
        Finished conform = Qsim.RunIn(_folder.Path, ["conform", "many.npz"]);
        Assert.True(conform.ExitCode == 0, conform.Out + conform.Error);
        Assert.Contains("4 images", conform.Out);
    }

    [Theory]
    [InlineData("--image: 'x' is not an image (supported: 3, 0,3,8, 0..9, all)", "x")]
    [InlineData("--image: '9..3' is not an image (supported: 3, 0,3,8, 0..9, all)", "9..3")]
    [InlineData("--image: '' is not an image (supported: 3, 0,3,8, 0..9, all)", "1,")]
    public void Taps_ImpossibleImages_AreOneLineAndExitCode2(string message, string images)
    {
        Finished run = Qsim.RunIn(
            _folder.Path, ["explain", "taps", .. Small, "--image", images, "--out", "no.npz"]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
    }

    [Theory]
    [InlineData("no layer 'conv7'; did you mean 'conv1'?", "--layer", "conv7")]
    [InlineData("name one value together", "--image", "3")]
    [InlineData(
        "--image 999: the study has images 0..", "--layer", "conv1", "--image", "999",
        "--channel", "0", "--position", "0")]
    [InlineData("no stage 'sum'", "--stage", "sum")]
    [InlineData(
        "'4294967296' for option '--channel': it is not a whole number that fits", "--layer",
        "conv1", "--image", "0", "--channel", "4294967296", "--position", "0")]
    [InlineData("one profile is needed, not 2", "--profile", "int4,int8-wide")]
    [InlineData(
        "channels 0..7 and positions 0..63", "--layer", "conv1", "--image", "0", "--channel", "8",
        "--position", "0")]
    public void Overflow_ImpossibleRequest_IsOneLineAndExitCode2(
        string message, params string[] arguments)
    {
        string[] profile = arguments[0] == "--profile" ? Small[..4] : Small;
        Finished run = Qsim.Run(["explain", "overflow", .. profile, .. arguments]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
    }
}
