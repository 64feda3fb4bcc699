using System.Buffers.Binary;
using System.Text;
using QSim.Simulator.Arrays;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Tests.Networks.Files.Oracle;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Tests.Arrays;

/// <summary>Arrays as other programs leave them.</summary>
public class ArrayFormTests
{
    [Fact]
    public void Parse_FortranOrder_IsTheSameArray()
    {
        // Element (i, j, k) of a 2x3x4 array is 100 i + 10 j + k; the first dimension is fastest.
        byte[] values =
        [
            .. from k in Enumerable.Range(0, 4)
               from j in Enumerable.Range(0, 3)
               from i in Enumerable.Range(0, 2)
               select (byte)((100 * i) + (10 * j) + k),
        ];
        byte[] file = Npy("|u1", "True", "2, 3, 4", values);

        NpyArray array = NpyArray.Parse(file);

        Assert.Equal([2, 3, 4], array.Shape.ToArray());
        Assert.Equal(
            from i in Enumerable.Range(0, 2)
            from j in Enumerable.Range(0, 3)
            from k in Enumerable.Range(0, 4)
            select (100L * i) + (10 * j) + k,
            array.ToIntegers());
    }

    [Fact]
    public void Parse_Halves_AreTheirValues()
    {
        byte[] data = new byte[6];
        for (int i = 0; i < 3; i++)
            BinaryPrimitives.WriteHalfLittleEndian(data.AsSpan(2 * i), (Half)(i - 0.5));

        Assert.Equal(
            [-0.5, 0.5, 1.5], NpyArray.Parse(Npy("<f2", "False", "3,", data)).ToReals());
    }

    [Theory]
    [InlineData("F16", new byte[] { 0x00, 0xB8, 0x00, 0x3E }, new[] { -0.5, 1.5 })]
    [InlineData("BF16", new byte[] { 0x00, 0xBF, 0xC0, 0x3F }, new[] { -0.5, 1.5 })]
    public void Safetensors_Halves_AreTheirValues(string type, byte[] data, double[] values)
    {
        byte[] header = Encoding.UTF8.GetBytes(
            $"{{\"a\":{{\"dtype\":\"{type}\",\"shape\":[2],\"data_offsets\":[0,4]}}}}");
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);

        Assert.Equal(values, Safetensors.Read([.. length, .. header, .. data])["a"].ToReals());
    }

    [Theory]
    [InlineData(false, new[] { 0, 1, 2, 3, 4, 5 })]
    [InlineData(true, new[] { 0, 3, 1, 4, 2, 5 })]
    public void Import_FlatNetwork_CountsFeaturesAsTheFileDoes(bool isLast, int[] order)
    {
        var graph = new GraphBuilder(13);
        byte[] model = graph.Build(DataType.Float, [-1, 6], graph.Node("Abs", ["x"]));

        // Two channels of one row and three columns, in the order of channels, rows, columns.
        FloatNetwork network = OnnxImporter.Import(
            OnnxImporter.Read(model, "f.onnx"), "f.onnx", new(2, 1, 3), isLast);

        float[] image = [0, 1, 2, 3, 4, 5];
        float[] features = FloatForward.Run(network, image)[^1];
        Assert.Equal(order, features.Select(f => (int)f));
    }

    private static byte[] Npy(string type, string isFortran, string shape, byte[] data)
    {
        string header =
            $"{{'descr': '{type}', 'fortran_order': {isFortran}, 'shape': ({shape}), }}\n";
        return
        [
            0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.Latin1.GetBytes(header),
            .. data,
        ];
    }
}
