using QSim.Certificates.Bounds;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Tests;

/// <summary>
/// What the other tests look for is found: bounds of a program that differs in a weight or in a
/// rounding mode do not hold what the program computes, and a decision with another rule for ties
/// proves what is broken.
/// </summary>
public class MutationTests
{
    [Fact]
    public void Weight_OffByOne_IsFound() => AssertFound(layer => layer with
    {
        Weights = layer.Weights.SetItem(
            0, layer.Weights[0] > 0 ? layer.Weights[0] - 1 : layer.Weights[0] + 1),
    });

    [Theory]
    [InlineData(RoundingMode.TowardNegative)]
    [InlineData(RoundingMode.TowardPositive)]
    [InlineData(RoundingMode.NearestTiesToEven)]
    public void RoundingMode_OfTheOutput_IsFound(RoundingMode mode) => AssertFound(
        layer => layer with
        {
            Requantization =
            [
                .. layer.Requantization.Select(
                    r => r with { Output = r.Output with { Rounding = mode } }),
            ],
        });

    [Fact]
    public void Overflow_OfTheAccumulator_IsFound() => AssertFound(layer => layer with
    {
        Mac = layer.Mac with
        {
            Update = layer.Mac.Update with
            {
                Overflow = layer.Mac.Update.Overflow == OverflowMode.Wrap
                    ? OverflowMode.Saturate
                    : OverflowMode.Wrap,
                SaturationBits = 0,
            },
        },
    });

    [Fact]
    public void TieRule_ThatFavoursTheLabel_IsFound()
    {
        // The rule with the two cases exchanged; among equals the first class wins, not the last.
        bool isFound = TinyProgram.All.Any(tiny =>
        {
            TensorBox logits = new ProgramBounds(tiny.Program).Forward(tiny.Box)[^1];
            bool isProved = Enumerable.Range(0, logits.Length).All(j =>
                j == tiny.Label || Decision.Loses(logits[tiny.Label], logits[j], j > tiny.Label));
            return isProved && !tiny.IsRobust;
        });
        Assert.True(isFound);
    }

    private static void AssertFound(Func<MacLayer, MacLayer> change)
    {
        bool isFound = TinyProgram.All.Any(tiny =>
        {
            QuantizedProgram other = tiny.Program with
            {
                Layers = [.. tiny.Program.Layers.Select(
                    l => l is MacLayer mac ? change(mac) : l)],
            };
            if (ProgramBounds.WhyNot(other) is not null) return false;
            IReadOnlyList<TensorBox> boxes = new ProgramBounds(other).Forward(tiny.Box);
            return Enumerable.Range(0, boxes.Count).Any(tensor =>
                Enumerable.Range(0, tiny.Count).Any(image => !boxes[tensor].Contains(
                    tiny.Taps[tensor].AsSpan(
                        image * boxes[tensor].Length, boxes[tensor].Length))));
        });
        Assert.True(isFound);
    }
}
