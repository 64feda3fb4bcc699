using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Layers;

/// <summary>
/// Convolution against a second implementation that goes the other way round: every input value is
/// scattered over the outputs that it reaches, in double, which holds these integers exactly.
/// </summary>
public sealed class ConvolutionTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Run_EveryGeometry_EqualsScatteredConvolution(int block)
    {
        for (int seed = block * 150; seed < (block + 1) * 150; seed++)
        {
            var choose = new Choices(seed);
            TensorType input = choose.Type(
                new(choose.Between(1, 6), choose.Between(1, 9), choose.Between(1, 9)));
            MacLayer layer = Exact(RandomMac.Convolution(choose, "conv", 0, input), choose);
            var program = new QuantizedProgram(
                $"seed {seed}", new(input, RoundingMode.TowardNegative, OverflowMode.Wrap),
                [layer]);
            long[] inputs = ProgramGenerator.Inputs(program, 2, seed);
            using IProgramRunner runner = new ReferenceBackend().Load(program);

            long[] actual = runner.Run(inputs, 2, RunOptions.Default).Outputs;

            long[] expected =
            [
                .. inputs.Chunk(input.Shape.Length).SelectMany(image => Scatter(layer, image)),
            ];
            Assert.True(expected.SequenceEqual(actual), $"seed {seed}: {layer.Geometry}");
        }
    }

    /// <summary>The layer without any rounding or overflow.</summary>
    private static MacLayer Exact(MacLayer layer, Choices choose)
    {
        var wide = ConversionSpec.Into(
            new FixedFormat(32, 0, true), 0, RoundingMode.TowardNegative, OverflowMode.Saturate);
        TensorType output = new(layer.Output.Shape, 32, true, 1);
        return layer with
        {
            Output = output,
            Bias = [.. layer.Bias.Select(_ => (long)choose.Between(-1000, 1000))],
            Mac = layer.Mac with
            {
                ProductStage = ProductStage.Exact,
                AccumulatorAlign = 0,
                PartialAlign = 0,
                Update = wide,
            },
            Requantization = [.. layer.Requantization.Select(_ => new Requantization
            {
                Kind = RequantizationKind.Shift,
                Output = wide,
                ClampMin = long.MinValue,
                ClampMax = long.MaxValue,
            })],
        };
    }

    private static long[] Scatter(MacLayer layer, long[] image)
    {
        WindowGeometry w = layer.Geometry;
        TensorShape from = layer.Input.Shape;
        TensorShape to = layer.Output.Shape;
        int perGroup = from.Channels / w.Groups;
        var sums = new double[to.Length];
        for (int i = 0; i < sums.Length; i++) sums[i] = layer.Bias[i / to.Positions];

        // The padded image: everything outside the real one is the zero point.
        int rows = from.Rows + w.PadTop + w.PadBottom;
        int columns = from.Columns + w.PadLeft + w.PadRight;
        for (int c = 0; c < from.Channels; c++)
        {
            for (int r = 0; r < rows; r++)
            {
                for (int q = 0; q < columns; q++)
                {
                    (int row, int column) = (r - w.PadTop, q - w.PadLeft);
                    bool inside =
                        row >= 0 && row < from.Rows && column >= 0 && column < from.Columns;
                    double x = inside
                        ? image[(c * from.Positions) + (row * from.Columns) + column]
                        : layer.Input.ZeroPoint;
                    Spread(layer, sums, c, perGroup, r, q, x - layer.Mac.InputOffset);
                }
            }
        }

        return [.. sums.Select(s => (long)s)];
    }

    /// <summary>Adds one padded input value to every output whose window holds it.</summary>
    private static void Spread(
        MacLayer layer, double[] sums, int channel, int perGroup, int r, int q, double x)
    {
        WindowGeometry w = layer.Geometry;
        TensorShape to = layer.Output.Shape;
        int group = channel / perGroup;
        int outputsPerGroup = to.Channels / w.Groups;
        for (int i = 0; i < w.KernelRows; i++)
        {
            for (int j = 0; j < w.KernelColumns; j++)
            {
                (int y, int restRows) = Math.DivRem(r - (i * w.DilationRows), w.StrideRows);
                (int z, int restColumns) = Math.DivRem(
                    q - (j * w.DilationColumns), w.StrideColumns);
                if (restRows != 0
                    || restColumns != 0
                    || y < 0
                    || y >= to.Rows
                    || z < 0
                    || z >= to.Columns)
                    continue;
                for (int o = group * outputsPerGroup; o < (group + 1) * outputsPerGroup; o++)
                {
                    int weight =
                        (((o * perGroup) + (channel % perGroup)) * w.KernelRows * w.KernelColumns)
                        + (i * w.KernelColumns)
                        + j;
                    sums[(o * to.Positions) + (y * to.Columns) + z] += x * layer.Weights[weight];
                }
            }
        }
    }
}
