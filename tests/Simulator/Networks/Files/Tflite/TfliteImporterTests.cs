using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Tflite;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>Models of TensorFlow Lite on <c>tflite-int8</c> give its integers.</summary>
public class TfliteImporterTests
{
    private const int Images = 30;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(10)]
    public void Run_EveryOperator_GivesTfliteIntegers(int seed)
    {
        var model = new TfliteTestModel(seed, 1, 8, 8, 2);
        TestTensor output = Network(model, isPooled: seed % 2 == 0);
        Equal(model, output, output);
    }

    /// <summary>Its shares hide gradients: the logits before it are what is attacked.</summary>
    [Fact]
    public void Import_SoftmaxAtTheEnd_IsLeftOut()
    {
        var model = new TfliteTestModel(6, 1, 8, 8, 2);
        TestTensor logits = Network(model, isPooled: false);
        TestTensor shares = model.Other(25, logits, logits.Shape, 1 / 256f, -128, raw => raw);
        Equal(model, logits, shares);
    }

    /// <summary>
    /// As Keras' Reshape of any batch is written: SHAPE, STRIDED_SLICE and PACK count its shape,
    /// here around a softmax.
    /// </summary>
    [Fact]
    public void Import_ShapeThatIsCounted_IsTheModels()
    {
        var model = new TfliteTestModel(6, 1, 8, 8, 2);
        TestTensor x = Reshaped(model.Mac(3, model.Input, 4, 8, 1, false, 0), [1, 4]);
        TestTensor logits = model.Mac(9, x, 3, 1, 1, true, 0);
        TestTensor shares = model.Other(25, logits, logits.Shape, 1 / 256f, -128, raw => raw);
        Equal(model, logits, Reshaped(shares, [1, 1, 3]));

        TestTensor Reshaped(TestTensor from, int[] to)
        {
            TestTensor counted = model.Other(77, from, [4], 1, 0, v => v);
            counted = model.Other(45, counted, [1], 1, 0, v => v);
            counted = model.Other(83, counted, [to.Length], 1, 0, v => v);
            return model.Reshaped(from, to, counted);
        }
    }

    /// <summary>Shares of each row are no logits: the largest of all may be another.</summary>
    [Fact]
    public void Import_SoftmaxOverRows_IsNotLeftOut()
    {
        var model = new TfliteTestModel(6, 1, 8, 8, 2);
        TestTensor rows = model.Reshaped(
            model.Mac(3, model.Input, 4, 8, 1, false, 0), [1, 2, 2], model.Input);
        TestTensor shares = model.Other(25, rows, rows.Shape, 1 / 256f, -128, raw => raw);

        foreach (TestTensor output in (TestTensor[])
            [shares, model.Reshaped(shares, [1, 4], model.Input)])
            Assert.Contains("softmax_", Refusal(model.Write(output)));
    }

    [Fact]
    public void Import_ImageForFlatInput_IsInKerasOrder()
    {
        var model = new TfliteTestModel(7, 1, 18);
        TestTensor output = model.Mac(9, model.Input, 4, 1, 1, false, 0);
        FloatNetwork network = TfliteImporter.Import(
            model.Write(output), "f.tflite", new(2, 3, 3));
        int[] raw = [.. Enumerable.Range(0, 18).Select(i => (i * 7) - 100)];

        Assert.Equal(
            model.Run(raw, output).Select(v => (long)v),
            TfliteHardware.Run(
                TfliteHardware.Program(network),
                [.. ChannelOrder.First(raw, 2).Select(v => (long)v)]));
    }

    [Fact]
    public void Import_OperatorsThatAreNotSupported_AreAllNamed()
    {
        var model = new TfliteTestModel(8, 1, 8, 8, 2);
        TestTensor x = model.Other(54, model.Input, [1, 8, 8, 2], 1, 0, v => v);
        x = model.Mac(3, x, 4, 3, 1, true, 0);
        x = model.Other(27, x, x.Shape, 1, 0, v => v);
        x = model.Other(54, x, x.Shape, 1, 0, v => v);

        Assert.StartsWith(
            "f.tflite: operators that are not supported: PRELU (0, 3), SVDF (2) (supported: "
                + "ADD, AVERAGE_POOL_2D, ",
            Refusal(model.Write(x)));
    }

    [Theory]
    [InlineData(4, "operator 0 (CONV_2D): its fused activation 4 is not supported")]
    public void Import_OtherActivation_IsRefused(int activation, string expected)
    {
        var model = new TfliteTestModel(9, 1, 8, 8, 2);

        Assert.Contains(
            expected, Refusal(model.Write(model.Mac(3, model.Input, 4, 3, 1, true, activation))));
    }

    /// <summary>What copies values is refused where it leaves the image, in words.</summary>
    [Theory]
    [InlineData(39, "1,0,2,3", "its axes are [1, 0, 2, 3] (supported: the batch, 0, first, then")]
    [InlineData(39, "0,1,1,3", "its axes are [0, 1, 1, 3]")]
    [InlineData(65, "0,0,0,0;1,5,4,2", "takes 5 from 0 on along axis 1, which has 4")]
    [InlineData(65, "0,0,0;1,4,4", "its begin and size do not have 4 numbers")]
    [InlineData(45, "0,3,0,0;1,3,4,2;1,1,1,1", "takes nothing along axis 1")]
    [InlineData(45, "0,0,0,0;1,4,4,2;1,0,1,1", "or a stride is 0")]
    [InlineData(97, "0,4", "does not make rows and columns of an image")]
    [InlineData(100, "0,0,4,0,0,0,0,0", "pads by more than the image has")]
    [InlineData(102, "1,2;1", "makes parts of 1, 2 of 4 values")]
    [InlineData(102, "4;4", "does not split along an axis of the image")]
    public void Import_MoveOutsideTheImage_IsRefused(int code, string constants, string expected)
    {
        var model = new TfliteTestModel(9, 1, 4, 4, 2);
        int[][] given =
            [.. constants.Split(';').Select(c => c.Split(',').Select(int.Parse).ToArray())];

        Assert.Contains(expected, Refusal(model.Write(
            model.Moves(code, model.Input, [1, 4, 4, 2], [], given))));
    }

    /// <summary>Constants that do not fit are refused, whatever the file says of them.</summary>
    [Theory]
    [InlineData("bound", "operator 0 (MAXIMUM): compares with 1 numbers (supported: a constant")]
    [InlineData("missing", "operator 0 (MINIMUM): its input 1 does not depend on the image")]
    [InlineData("extents", "operator 0 (DEQUANTIZE): changes the extents of a constant")]
    [InlineData("wide", "operator 0 (ADD): its constant is [2, 1, 1, 1, 2] (supported: one n")]
    public void Import_ConstantThatDoesNotFit_IsRefused(string how, string expected)
    {
        var model = new TfliteTestModel(
            9, false, (1 / 255f, -128), [1, 4, 4, 2], how == "wide" ? null : FloatForm.Float16);
        TestTensor y = how switch
        {
            "bound" => model.BoundedBy(55, float.NaN),
            "missing" => model.BoundedBy(57, null),
            "extents" => model.Halves([4], [4, 2]),
            _ => model.WithConstant(0, model.Input, [2, 1, 1, 1, 2], 0.1f, 0.2f, false),
        };

        Assert.Contains(expected, Refusal(model.Write(y)));
    }

    [Fact]
    public void Import_AxesThatAreReals_AreRefused()
    {
        var model = new TfliteTestModel(11, 1, 4, 4, 2);

        Assert.Contains(
            "(MEAN): its input 1 is Float32 (supported: Int32, Int64)",
            Refusal(model.Write(model.Mean(model.Input, axesType: 0))));
    }

    /// <summary>Kernels of uint8 have one multiplier, made as that of a dense layer.</summary>
    [Theory]
    [InlineData(3, 3, ScaleOrder.Product)]
    [InlineData(3, 9, ScaleOrder.Double)]
    [InlineData(4, 3, ScaleOrder.Product)]
    [InlineData(9, 9, ScaleOrder.Product)]
    public void Import_OneScaleForAll_HasTheKernelsOrder(int code, byte type, Enum anyOrder)
    {
        var order = (ScaleOrder)anyOrder;
        var model = new TfliteTestModel(11, 1, 4, 4, 2);
        TestTensor x = model.Mac(code, model.Input, 4, 1, 1, true, 0, 1, (type, 0));
        FloatNetwork network = TfliteImporter.Import(model.Write(x), "f.tflite", null);

        OwnWeights own = network.Layers.Select(OwnWeights.Of).Single(o => o is not null)!;

        Assert.Equal(order, own.Order);
    }

    [Theory]
    [InlineData(9, 128, "zero point 128, outside of Int8 (-128..127)")]
    [InlineData(3, -1, "zero point -1, outside of Uint8 (0..255)")]
    public void Import_WeightZeroPointOutsideOfItsType_IsRefused(
        byte type, long zero, string expected)
    {
        var model = new TfliteTestModel(12, 1, 4, 4, 2);

        Assert.Contains(
            "operator 0 (CONV_2D): its weights have " + expected,
            Refusal(model.Write(
                model.Mac(3, model.Input, 4, 1, 1, true, 0, 1, (type, zero)))));
    }

    /// <summary>Many tables may share one long list: it must not be copied for each.</summary>
    [Fact]
    public void Integers_MoreThanCanBe_AreRefused()
    {
        byte[] file =
        [
            12, 0, 0, 0, // the root table
            6, 0, 8, 0, 4, 0, 0, 0, // its list of fields
            8, 0, 0, 0, 4, 0, 0, 0, // the table: its list, and where field 0 is
            2, 0, 0, 0, 7, 0, 0, 0, 9, 0, 0, 0, // two numbers
        ];

        Assert.Equal([7, 9], FlatTable.Root(file).Integers(0, most: 2));
        Assert.Contains(
            "a list of 2 numbers (at most 1)",
            Assert.Throws<InvalidDataException>(
                () => FlatTable.Root(file).Integers(0, most: 1)).Message);
    }

    /// <summary>Every place of a file cut off or changed: read, or refused in words.</summary>
    [Fact]
    public void Import_DamagedFile_IsReadOrRefused()
    {
        var model = new TfliteTestModel(10, 1, 4, 4, 1);
        byte[] file = model.Write(Network(model, isPooled: true));
        int refused = 0;
        for (int i = 0; i < 2 * file.Length; i += 13)
        {
            byte[] damaged = i < file.Length ? file[..i] : [.. file];
            if (i >= file.Length) damaged[i - file.Length] ^= (byte)(1 << (i % 8));
            try
            {
                TfliteImporter.Import(damaged, "f.tflite", null);
            }
            catch (Exception e) when (e is InputException or SizeException)
            {
                refused++;
            }
        }

        Assert.True(refused > file.Length / 13, $"{refused} of {2 * file.Length / 13}");
    }

    private static TestTensor Network(TfliteTestModel model, bool isPooled)
    {
        TestTensor x = model.Mac(3, model.Pad(model.Input), 6, 3, 1, false, 1);
        x = model.Mac(4, x, 12, 3, 2, true, 3);
        TestTensor y = model.Mac(3, x, 12, 1, 1, true, 0);
        x = model.Multiply(model.Add(x, y, 1), y);
        x = model.Pool(model.Twice(x), isMax: true, 2, 1, true);
        x = model.Pool(x, isMax: false, 3, 2, true);
        if (isPooled)
            x = model.Mean(x);
        else
            x = model.Other(22, x, [1, x.Length], x.Scale, x.Zero, v => v);
        x = model.Mac(9, x, 9, 1, 1, false, 1);
        TestTensor z = x;
        x = model.Other(28, x, x.Shape, 1 / 128f, 0, v => Math.Clamp(
            (int)Math.Round(Math.Tanh((v - z.Zero) * (double)z.Scale) * 128,
                MidpointRounding.AwayFromZero), -128, 127));
        return model.Mac(9, x, 5, 1, 1, false, 0, 0.1f);
    }

    private static void Equal(TfliteTestModel model, TestTensor logits, TestTensor output)
    {
        var random = new Random(3);
        IEnumerable<int[]> images = Enumerable.Range(0, Images).Select(_ => (int[])
            [.. Enumerable.Range(0, model.Input.Length).Select(_ => random.Next(-128, 128))]);
        Assert.True(
            TfliteHardware.Equal(model, logits, output, images).Count > 10, "logits say little");
    }

    private static string Refusal(byte[] file) => Assert.Throws<InputException>(
        () => TfliteImporter.Import(file, "f.tflite", null)).Message;
}
