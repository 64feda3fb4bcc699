using QSim.Certificates.Bounds;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Arrays;

namespace QSim.Certificates.Tests;

/// <summary>
/// The 6-bit network that came with Henzinger, Lechner and Zikelic, "Scalable Verification of
/// Quantized Neural Networks" (AAAI 2021), where somebody has put its integers into a file;
/// <c>QSIM_QNN_BENCHMARK</c> names the npz: w1, b1, w2, b2, images, labels.
/// </summary>
internal sealed class PublishedBenchmark
{
    private readonly IReadOnlyDictionary<string, NpyArray> _arrays;

    private PublishedBenchmark(string path)
    {
        _arrays = NpzFile.Read(File.ReadAllBytes(path));
        Images = Ints("images");
        Labels = Ints("labels");
        TensorType input = new(new(784), 8, false, 1), hidden = new(new(64), 6, false, 1),
            output = new(new(32), 6, true, 1);
        Program = new(
            "published", new(input, RoundingMode.NearestTiesToEven, OverflowMode.Saturate),
            [
                Dense("dense1", 0, input, hidden, shift: 9, number: 1),
                Dense("dense2", 1, hidden, output, shift: 5, number: 2),
            ]);
    }

    public QuantizedProgram Program { get; }

    public int[] Images { get; }

    public int[] Labels { get; }

    /// <summary>Samples that their solver called vulnerable.</summary>
    public static IReadOnlySet<int> Vulnerable { get; } =
        new HashSet<int> { 115, 151, 158, 282, 320 };

    /// <summary>Samples on which their solver ran out of time.</summary>
    public static IReadOnlySet<int> TimedOut { get; } = new HashSet<int>
    {
        104, 119, 175, 193, 195, 204, 210, 211, 218, 221, 224, 227, 232, 233, 234, 235, 243, 244,
        250, 251, 255, 257, 264, 266, 273, 274, 275, 289, 290, 299, 300, 301, 303, 307, 308, 322,
        324, 325, 326, 328, 329, 335, 336, 337, 339, 341, 344, 345, 349, 350, 352, 354, 357, 358,
        359, 362, 366, 368, 370, 372, 373, 377, 376, 379, 383, 385, 386, 388, 389, 391, 393, 394,
        397,
    };

    public static PublishedBenchmark? Find() =>
        Environment.GetEnvironmentVariable("QSIM_QNN_BENCHMARK") is { Length: > 0 } path
            ? new(path)
            : null;

    /// <summary>One step of a pixel for the first hundred, two for the next, and so on.</summary>
    public TensorBox Box(int sample)
    {
        long[] image = [.. Images.AsSpan(sample * 784, 784).ToArray().Select(v => (long)v)];
        int epsilon = 1 + (sample / 100);
        return new(
            [.. image.Select(v => Math.Max(0, v - epsilon))],
            [.. image.Select(v => Math.Min(255, v + epsilon))]);
    }

    private MacLayer Dense(
        string name, int tensor, TensorType from, TensorType to, int shift, int number)
    {
        var requantization = new Requantization
        {
            Kind = RequantizationKind.Shift,
            Output = ConversionSpec.Into(
                new(to.Bits, 0, to.IsSigned), shift, RoundingMode.NearestTiesTowardPositive,
                OverflowMode.Saturate),
            ClampMin = long.MinValue,
            ClampMax = long.MaxValue,
        };
        var mac = new MacSpec
        {
            ProductStage = ProductStage.Exact,
            AccumulatorAlign = 0,
            PartialAlign = 0,
            Update = ConversionSpec.Into(
                new(32, 0, true), 0, RoundingMode.TowardNegative, OverflowMode.Saturate),
            Lanes = 1,
            Order = ReductionOrder.ChannelLast,
            Interleave = 1,
            When = AccumulatorUpdate.EveryUpdate,
            Bias = BiasPosition.First,
            InputOffset = 0,
        };
        return new(
            name, [tensor], to, from, new WindowGeometry(), [.. Ints($"w{number}")], 6, true,
            [.. Ints($"b{number}").Select(b => (long)b << shift)], mac,
            [.. Enumerable.Repeat(requantization, to.Shape.Channels)]);
    }

    private int[] Ints(string name) => [.. _arrays[name].ToIntegers().Select(v => (int)v)];
}
