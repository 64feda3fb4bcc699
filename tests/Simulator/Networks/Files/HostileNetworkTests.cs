using QSim.Kernels.Datapath;
using QSim.Simulator.Arrays;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Networks.Files.Onnx;

namespace QSim.Simulator.Tests.Networks.Files;

/// <summary>Files whose sizes wrap, are cut, or are more than any machine holds.</summary>
public sealed class HostileNetworkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qsim-hostile").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>4 x 65545 x 65545 is 2^34 and some, and small modulo 2^32.</summary>
    [Fact]
    public void Padding_ThatMakesSizesWrap_IsRefused() => Refused(
        "too many",
        "{type: conv2d, name: c, padding: [32768, 32768, 32769, 32769]}, {type: flatten}",
        ("c.weight", Floats(4, 1, 3, 3)));

    /// <summary>8191 x 524353 is 8127 modulo 2^32: as many as there are.</summary>
    [Fact]
    public void Shape_WhoseProductWraps_IsRefused() => Refused(
        "its shape says more than",
        "{type: flatten}, {type: dense, name: d}",
        ("d.weight", new("<f4", [8191, 524353], new byte[8127 * 4])));

    [Fact]
    public void BatchNorm_WithStatisticsOfAnotherLength_IsRefused() => Refused(
        "have to be as many",
        "{type: batch_norm, name: n}",
        ("n.weight", Floats(1)), ("n.bias", Floats(1)), ("n.running_mean", Floats(2)),
        ("n.running_var", Floats(0)));

    [Fact]
    public void Pool_OverManyTaps_IsRefused() => Refused(
        "too m",
        "{type: conv2d, name: c, padding: [2000, 2000, 2000, 2000]}, "
            + "{type: average_pool2d, kernel: 2000, stride: 1}, {type: flatten}",
        ("c.weight", Floats(1, 1, 1, 1)));

    [Fact]
    public void Message_OfALongName_IsShort()
    {
        string name = new('n', 190);
        InputException e = Load(
            $"{{type: dense, name: {name}}}", (new string('a', 5000), Floats(1)));
        Assert.InRange(e.Errors[0].ToString().Length, 1, Brief.Most + _folder.Length + 20);
    }

    [Theory]
    [InlineData("kernel_shape", 4294967298, 2)]
    [InlineData("kernel_shape", 0, 2)]
    [InlineData("strides", 4294967297, 1)]
    [InlineData("strides", 0, 1)]
    [InlineData("strides", -9223372036854775808, 1)]
    public void Onnx_IntegersBeyondBounds_AreRefused(string attribute, long first, long second)
    {
        (string, long[])[] attributes = attribute == "kernel_shape"
            ? [("kernel_shape", [first, second])]
            : [("kernel_shape", [2, 2]), (attribute, [first, second])];
        byte[] model = OnnxWriter.Model(
            OnnxWriter.Node("MaxPool", ["x"], "y", [.. attributes]));
        Assert.Contains(
            "(supported: 1..",
            Assert.Throws<InputException>(
                () => OnnxImporter.Import(model, "f.onnx", new(2, 4, 4))).Message);
    }

    private void Refused(string why, string layers, params (string, NpyArray)[] arrays) =>
        Assert.Contains(why, Load(layers, arrays).Message);

    private InputException Load(string layers, params (string, NpyArray)[] arrays)
    {
        string yaml = Path.Combine(_folder, "n.yaml");
        File.WriteAllText(
            yaml, $"schema: qsim/network/1\nweights: w.npz\nlayers: [{layers}]\n");
        using (FileStream file = File.Create(Path.Combine(_folder, "w.npz")))
            NpzFile.Write(file, arrays);
        return Assert.Throws<InputException>(
            () => NetworkFile.Load(yaml, new TensorShape(1, 8, 8)));
    }

    private static NpyArray Floats(params int[] shape) =>
        new("<f4", [.. shape], new byte[4 * shape.Aggregate(1, (a, b) => a * b)]);
}
