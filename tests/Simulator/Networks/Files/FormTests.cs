using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Integers;
using QSim.Simulator.Networks.Files.Onnx;

namespace QSim.Simulator.Tests.Networks.Files;

/// <summary>A layer that no writer knows is refused by its name.</summary>
public class FormTests
{
    private static readonly TensorType Bytes = new(new(1), 8, true, 1);

    private static readonly ProgramLayer New = new NewLayer("fresh", [0], Bytes);

    [Fact]
    public void Of_LayerWithoutARow_NamesIt()
    {
        Assert.Equal(
            "layer 'fresh' (NewLayer) cannot be written",
            Assert.Throws<NotSupportedException>(() => IntegerForm.Of(New, null)).Message);
        Assert.StartsWith(
            "layer 'fresh' (NewLayer): ONNX has no operator for it between quantizers",
            Assert.Throws<NotSupportedException>(() => QdqForm.Of(New, null, 1)).Message);
    }

    private sealed record NewLayer(string Name, ImmutableArray<int> Inputs, TensorType Output)
        : ProgramLayer(Name, Inputs, Output)
    {
        public override ImmutableArray<EventStage> EventStages => [];

        public override bool IsStochastic => false;

        public override RoundingMode? OutputRounding => null;

        public override string? WhyNot(IReadOnlyList<TensorType> inputs) => null;

        public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

        public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) => inputs[0];
    }
}
