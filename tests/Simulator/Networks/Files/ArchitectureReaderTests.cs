using System.Runtime.InteropServices;
using QSim.Kernels.Datapath;
using QSim.Simulator.Arrays;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;

namespace QSim.Simulator.Tests.Networks.Files;

public class ArchitectureReaderTests
{
    private const string Head = "schema: qsim/network/1\nweights: w.npz\n";

    [Fact]
    public void Load_Defaults_AreThoseOfTheKeys()
    {
        FloatNetwork network = Load(Head + """
            layers:
              - {type: conv2d, name: c, padding: [0, 1, 2, 3]}
              - {type: max_pool2d, kernel: [2, 1]}
              - {type: flatten}
              - {type: dense, name: d}
            """);

        Assert.Equal("net", network.Name);
        Assert.Equal(["c", "max_pool2d1", "flatten1", "d"], network.Layers.Select(l => l.Name));
        Assert.Equal(
            new WindowGeometry(2, 3, PadTop: 0, PadLeft: 1, PadBottom: 2, PadRight: 3),
            ((Conv2dLayer)network.Layers[0]).Geometry);
        Assert.Equal(new WindowGeometry(2, 1, 2, 1), ((MaxPool2dLayer)network.Layers[1]).Geometry);
        Assert.Equal([0, 0], ((Conv2dLayer)network.Layers[0]).Bias);
    }

    /// <summary>24 values of a 1x3x4 image; conv c makes 2x2x2 of them.</summary>
    [Fact]
    public void Load_FlattenChannelsLast_IsKerasOrder()
    {
        string body = """
            layers:
              - {type: conv2d, name: c}
              - {type: flatten, order: ORDER}
              - {type: softmax}
            """;
        float[] image = [.. Enumerable.Range(0, 12).Select(i => i / 12f)];
        float[][] first = FloatForward.Run(
            Load(Head + body.Replace("ORDER", "channels_first")), image);
        float[][] last = FloatForward.Run(
            Load(Head + body.Replace("ORDER", "channels_last")), image);
        int positions = first[1].Length / 2;

        Assert.Equal(first[1], first[2]);
        Assert.Equal(
            Enumerable.Range(0, positions).SelectMany(p =>
                new[] { first[1][p], first[1][positions + p] }),
            last[2]);
        Assert.Equal(1, last[3].Sum(), 1e-6);
        Assert.Equal(first[3].Order(), last[3].Order());
    }

    [Theory]
    [InlineData("net.yaml:4:26: layers[0].name: nothing was given", "- {type: conv2d, name: }")]
    [InlineData(
        "net.yaml:4:5: layers[0]: w.npz: has no array 'e.weight'; did you mean 'c.weight'?",
        "- {type: dense, name: e}")]
    [InlineData(
        "net.yaml:4:12: layers[0].type: 'conv' is not known; did you mean 'conv2d'?",
        "- {type: conv, name: c}")]
    [InlineData("net.yaml:4:28: layers[0].groups: 0 is less than 1", "- {type: conv2d, groups: 0}")]
    [InlineData(
        "net.yaml:4:26: layers[0].stride: has no effect with type: relu",
        "- {type: relu, stride: 2}")]
    [InlineData(
        "net.yaml:4:5: layers[0]: 'kernel' is missing (supported: one, or 2)",
        "- {type: max_pool2d}")]
    [InlineData(
        "net.yaml:4:28: layers[0].order: 'keras' is not known", "- {type: flatten, order: keras}")]
    [InlineData(
        "net.yaml:4:25: layers[0].order: has no effect with type: relu",
        "- {type: relu, order: channels_last}")]
    [InlineData(
        "net.yaml:4:32: layers[0].kernel: 3 items are more than 2",
        "- {type: max_pool2d, kernel: [1, 1, 1]}")]
    [InlineData(
        "net.yaml:4:27: layers[0].inputs[0]: no layer 'x' comes before this one",
        "- {type: relu, inputs: [x]}")]
    [InlineData(
        "net.yaml:4:26: layers[0].inputs: an empty list (left out: the layer before)",
        "- {type: relu, inputs: []}")]
    [InlineData(
        "net.yaml:4:43: layers[0].inputs: an empty list (left out: the layer before)",
        "- {type: global_average_pool2d, inputs: []}")]
    [InlineData(
        "net.yaml:4:5: layers[0]: layer 'd' (dense) cannot take a 1x3x4 input: flatten it first",
        "- {type: dense, name: d}")]
    [InlineData(
        "net.yaml:4:5: layers[0]: w.npz: 'd.weight' is (3, 24), where 4 dimensions are needed",
        "- {type: conv2d, name: d}")]
    [InlineData(
        "net.yaml:4:5: layers[0]: w.npz: 'whole.weight' holds elements of type '<i4'",
        "- {type: dense, name: whole}")]
    public void Load_Mistake_IsNamedAtItsPlace(string expected, string layer)
    {
        string message = Assert
            .Throws<InputException>(() => Load(Head + "layers:\n  " + layer))
            .Message;

        Assert.StartsWith(expected, message.Replace(Temporary, ""));
    }

    [Fact]
    public void Load_ImagesOfAnotherShape_SaysBoth() =>
        Assert.Contains(
            "input: takes 3x32x32 images, but those of the data are 1x3x4",
            Assert
                .Throws<InputException>(() =>
                    Load(Head + "input: [3, 32, 32]\nlayers:\n  - {type: relu}"))
                .Message);

    [Theory]
    [InlineData("4096, 4096, 4096", "4096x4096x4096 values are too many (at most 16777216")]
    [InlineData("65536, 1024, 1024", "65536x1024x1024 values are too many (at most 16777216")]
    public void Load_ImagesThatNoMemoryHolds_AreRefusedAtTheirPlace(string shape, string expected)
    {
        string integers = "schema: qsim/integer-network/1\nweights: w.npz\n"
            + $"input: {{bits: 8, scale: 1, shape: [{shape}]}}\nlayers: [{{type: flatten}}]";
        string real = $"{Head}input: [{shape}]\nlayers:\n  - {{type: relu}}";
        foreach ((string yaml, string place) in new[]
        {
            (real, "net.yaml:3:8: input: "), (integers, "net.yaml:3:35: input.shape: "),
        })
            Assert.StartsWith(
                place + expected,
                Assert.Throws<InputException>(() => Load(yaml)).Message.Replace(Temporary, ""));
    }

    [Fact]
    public void Load_WeightsMissingOrDamaged_NamesTheFile()
    {
        Assert.EndsWith(
            "gone.npz: there is no such file",
            Refusal("schema: qsim/network/1\nweights: gone.npz\nlayers:\n  - {type: relu}"));
        Assert.EndsWith(
            "net.yaml: weights of this kind are not supported (supported: .npz, .safetensors, .pt, "
                + ".pth)",
            Refusal("schema: qsim/network/1\nweights: net.yaml\nlayers:\n  - {type: relu}"));
        Assert.Contains(
            "bad.safetensors: not a safetensors file",
            Refusal("schema: qsim/network/1\nweights: bad.safetensors\nlayers: [{type: relu}]"));
    }

    [Theory]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,99]}}""",
        "array 'a' lies outside the file: it is cut short")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""",
        "array 'a': 8 bytes where 3 elements of 4 bytes are stated")]
    [InlineData(
        """
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],
        "data_offsets":[0,4]}}
        """,
        "array 'b' overlaps others")]
    [InlineData(
        """
        {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],
        "data_offsets":[4,8]}}
        """,
        "array 'a' is there twice")]
    [InlineData("""{"a":{"shape":[3]}}""", "the header of this safetensors file is damaged")]
    [InlineData("""{"a":[]}""", "the header of this safetensors file is damaged")]
    [InlineData("""{"a""", "the header of this safetensors file is damaged")]
    public void Safetensors_Damaged_SaysHow(string header, string expected)
    {
        byte[] text = System.Text.Encoding.UTF8.GetBytes(header);
        byte[] file = [(byte)text.Length, 0, 0, 0, 0, 0, 0, 0, .. text, 1, 2, 3, 4, 5, 6, 7, 8];

        Assert.Equal(
            expected, Assert.Throws<InvalidDataException>(() => Safetensors.Read(file)).Message);
    }

    private static string Temporary { get; set; } = "";

    private static string Refusal(string yaml) =>
        Assert.Throws<InputException>(() => Load(yaml)).Message;

    private static FloatNetwork Load(string yaml)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("qsim-test-");
        try
        {
            string path = Path.Combine(folder.FullName, "net.yaml");
            Temporary = folder.FullName + Path.DirectorySeparatorChar;
            File.WriteAllText(path, yaml);
            File.WriteAllText(Path.Combine(folder.FullName, "bad.safetensors"), "no");
            using (FileStream file = File.Create(Path.Combine(folder.FullName, "w.npz")))
            {
                NpzFile.Write(
                    file,
                    [
                        ("c.weight", Floats(2, 1, 2, 3)),
                        ("d.weight", Floats(3, 24)),
                        ("d.bias", Floats(3)),
                        ("whole.weight", NpyArray.Of([1, 2], 1, 2)),
                    ]);
            }

            return NetworkFile.Load(path, new TensorShape(1, 3, 4)).Network;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static NpyArray Floats(params int[] shape)
    {
        float[] values =
            [.. Enumerable.Range(0, shape.Aggregate((a, b) => a * b)).Select(i => i / 8f)];
        return new("<f4", [.. shape], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }
}
