using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Quantization;

public class JoinAndTableTests
{
    [Theory]
    [InlineData(ScaleKind.PowerOfTwo, RequantizeKind.Shift, false)]
    [InlineData(ScaleKind.PowerOfTwo, RequantizeKind.Cast, false)]
    [InlineData(ScaleKind.Real, RequantizeKind.MultiplierDouble, true)]
    [InlineData(ScaleKind.Real, RequantizeKind.Real, true)]
    public void Quantize_ResidualAndConcat_ApproachTheFloatNetwork(
        Enum anyScale, Enum anyKind, bool affine)
    {
        var scale = (ScaleKind)anyScale;
        var kind = (RequantizeKind)anyKind;
        FloatNetwork network = TinyNetworks.Residual();
        float[] images = TinyNetworks.Images(network.Input, 40);
        UniformDatapath datapath = UniformDatapath.Wide(12, scale, kind, affine);
        QuantizedProgram program = Quantizer.Quantize(network, datapath, images);
        Assert.Single(program.Layers.OfType<Kernels.Datapath.AddLayer>());
        Assert.Single(program.Layers.OfType<Kernels.Datapath.ConcatLayer>());
        TinyNetworks.AssertNear(network, program, images, 0.02);
    }

    [Fact]
    public void Quantize_ReluWithItsOwnBinaryPoint_ConvertsAndClamps()
    {
        FloatNetwork network = TinyNetworks.Convolutional();
        float[] images = TinyNetworks.Images(network.Input, 20);
        var format = new ValueFormat
        {
            Bits = 16,
            Signedness = Signedness.Signed,
            FractionBits = 10,
        };
        var stages = new LayerDatapath
        {
            Weight = format,
            Accumulator = new() { Bits = 40 },
            Requantize = new() { Kind = RequantizeKind.Cast },
            Output = format,
        };
        ValueFormat narrow = format with
        {
            Bits = 12,
            FractionBits = 8,
            Signedness = Signedness.Unsigned,
        };
        var datapath = new UniformDatapath(format, stages)
        {
            Relu = stages with { Output = narrow },
        };
        QuantizedProgram program = Quantizer.Quantize(network, datapath, images);
        ProgramLayer relu = program.Layers.Single(l => l.Name == "relu1");
        Assert.Equal((12, false), (relu.Output.Bits, relu.Output.IsSigned));
        TinyNetworks.AssertNear(network, program, images, 0.05);
    }

    [Fact]
    public void Quantize_ReluAloneWithACalibratedFormatOfItsOwn_WritesThatFormat()
    {
        var random = new Random(4);
        float[] weights = [.. Enumerable.Range(0, 24).Select(_ => random.NextSingle() - 0.5f)];
        FloatNetwork network = new("pool-first", new(1, 4, 4), [
            new MaxPool2dLayer("pool", [0], new(2, 2, 2, 2)),
            new ReluLayer("relu", [1]),
            new FlattenLayer("flatten", [2]),
            new DenseLayer("logits", [3], 6, weights, new float[6]),
        ]);
        float[] images = TinyNetworks.Images(network.Input, 20);
        UniformDatapath wide = UniformDatapath.Wide(12, ScaleKind.PowerOfTwo, RequantizeKind.Shift);
        LayerDatapath stages = wide.For("", "", false);
        var narrow = stages with
        {
            Output = stages.Output with { Bits = 5, Signedness = Signedness.Auto },
        };
        QuantizedProgram program = Quantizer.Quantize(
            network, new UniformDatapath(wide.Input, stages) { Relu = narrow }, images);
        TensorType relu = program.Layers.Single(l => l.Name == "relu").Output;
        Assert.Equal((5, false), (relu.Bits, relu.IsSigned));
        TinyNetworks.AssertNear(network, program, images, 0.1);
    }

    [Theory]
    [InlineData(TableIndexRule.Floor)]
    [InlineData(TableIndexRule.TowardZero)]
    [InlineData(TableIndexRule.Nearest)]
    [InlineData(TableIndexRule.Hls4ml)]
    public void Table_EveryRawInput_IsTheRuleInDoubles(Enum anyRule)
    {
        var rule = (TableIndexRule)anyRule;
        var format = new ValueFormat
        {
            Bits = 10,
            Signedness = Signedness.Signed,
            FractionBits = 5,
        };
        var table = new TableStage
        {
            Entries = 128,
            Low = -8,
            High = 8,
            Index = rule,
            Entry = new(new(18, 14, true), RoundingMode.TowardNegative, OverflowMode.Wrap),
        };
        var layer = (LookupLayer)
            QuantizeActivation(new SigmoidLayer("s", [1]), format, table).Layers[1];
        for (int raw = -512; raw < 512; raw++)
        {
            double position = (raw / 32.0 + 8) / 16 * 128;
            double index = rule switch
            {
                TableIndexRule.Nearest => Math.Floor(position + 0.5),
                TableIndexRule.Hls4ml => Math.Truncate(raw / 32.0 / 16 * 128) + 64,
                _ => Math.Floor(position),
            };
            int entry = (int)Math.Clamp(index, 0, 127);
            double value = Math.Floor(1 / (1 + Math.Exp(-(-8 + (entry / 8.0)))) * (1 << 14));
            Assert.Equal(entry, layer.Index.Of(raw, 128));
            Assert.Equal((int)value, layer.Table[entry]);
        }
    }

    [Fact]
    public void Table_RealScale_BecomesOneEntryPerRawValue()
    {
        var format = new ValueFormat
        {
            Bits = 8,
            Signedness = Signedness.Signed,
            Scale = ScaleKind.Real,
        };
        var table = new TableStage
        {
            Entries = 100,
            Low = -3.1,
            High = 3.1,
        };
        var layer = (LookupLayer)
            QuantizeActivation(new TanhLayer("t", [1]), format, table).Layers[1];
        Assert.Equal(256, layer.Table.Length);
        for (int raw = -128; raw < 128; raw++)
        {
            double entry = Math.Clamp(
                Math.Floor((raw * layer.Input.Scale + 3.1) / 6.2 * 100), 0, 99);
            double expected = Math.Tanh(-3.1 + (entry * 6.2 / 100)) / layer.Output.Scale;
            Assert.InRange(layer.Table[layer.Index.Of(raw, 256)] - expected, -0.500001, 0.500001);
        }
    }

    [Fact]
    public void Table_OfTheUser_IsTakenAsItIs()
    {
        var format = new ValueFormat
        {
            Bits = 8,
            Signedness = Signedness.Signed,
            FractionBits = 4,
        };
        var table = new TableStage
        {
            Entries = 4,
            Low = -8,
            High = 8,
            Values = [1, -2, 3, 0.5],
        };
        var layer = (LookupLayer)
            QuantizeActivation(new TanhLayer("t", [1]), format, table).Layers[1];
        Assert.Equal([16, -32, 48, 8], layer.Table.ToArray());
    }

    [Theory]
    [InlineData(SoftmaxKind.Latency)]
    [InlineData(SoftmaxKind.Stable)]
    public void Softmax_WideTables_ApproachesProbabilities(Enum anyKind)
    {
        var kind = (SoftmaxKind)anyKind;
        var wide = new RegisterFormat(
            new(26, 14, true), RoundingMode.NearestTiesToEven, OverflowMode.Saturate);
        var stage = new SoftmaxStage
        {
            Kind = kind,
            Entries = 65536,
            Difference = new(
                new(16, 12, false), RoundingMode.NearestTiesToEven, OverflowMode.Saturate),
            Exponential = wide,

            // Exponentials are multiplied in the sum's format, whose binary point is its own.
            Sum = wide with
            {
                Format = new(30, 16, true),
            },
            InverseInput = new(
                new(20, 14, false), RoundingMode.NearestTiesToEven, OverflowMode.Saturate),
            Inverse = wide,
        };
        var format = new ValueFormat
        {
            Bits = 16,
            Signedness = Signedness.Signed,
            FractionBits = 12,
        };
        FloatNetwork network = TinyNetworks.Dense(
            new QSim.Simulator.Networks.SoftmaxLayer("p", [1]));
        float[] images = TinyNetworks.Images(network.Input, 30);
        UniformDatapath datapath = Stages(format, new() { Entries = 2, Low = 0, High = 1 }, stage);
        TinyNetworks.AssertNear(
            network, Quantizer.Quantize(network, datapath, images), images, 0.01);
    }

    private static QuantizedProgram QuantizeActivation(
        FloatLayer activation, ValueFormat format, TableStage table)
    {
        FloatNetwork network = TinyNetworks.Dense(activation);
        return Quantizer.Quantize(
            network, Stages(format, table, null), TinyNetworks.Images(network.Input, 30));
    }

    private static UniformDatapath Stages(
        ValueFormat format, TableStage table, SoftmaxStage? softmax) =>
        new(
            format,
            new LayerDatapath
            {
                Weight = format,
                Accumulator = new() { Bits = 40 },
                Requantize = new()
                {
                    Kind =
                        format.Scale == ScaleKind.Real ? RequantizeKind.Real : RequantizeKind.Cast,
                },
                Output = format,
                Table = table,
                Softmax = softmax,
            });
}
