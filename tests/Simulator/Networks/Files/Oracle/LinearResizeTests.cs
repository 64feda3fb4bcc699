using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>Bilinear resizing by whole numbers against ONNX Runtime.</summary>
public class LinearResizeTests
{
    public static TheoryData<string, int, int, int, int> Cases()
    {
        var all = new TheoryData<string, int, int, int, int>();
        foreach (string how in new[] { "half_pixel", "pytorch_half_pixel", "asymmetric" })
            foreach ((int r, int c) in new[] { (2, 2), (3, 3), (1, 4), (5, 2), (4, 1) })
                foreach ((int rows, int columns) in new[] { (5, 4), (1, 3), (2, 7) })
                    all.Add(how, r, c, rows, columns);
        return all;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Import_ByWholeNumbers_GivesOnnxRuntimesValues(
        string how, int byRows, int byColumns, int rows, int columns)
    {
        byte[] model = Model(how, byRows, byColumns, 2, rows, columns);
        var random = new Random(rows + (10 * columns));
        float[] image = [.. Enumerable.Range(0, 2 * rows * columns)
            .Select(_ => random.NextSingle())];
        using var ort = new OrtModel(model);
        float[] wanted = ort.Run(image, 1, 2, rows, columns);

        FloatNetwork network = OnnxImporter.Import(model, "r.onnx", new(2, rows, columns));

        float[] found = FloatForward.Run(network, image)[^1];
        Assert.Equal(wanted.Length, found.Length);
        Assert.All(wanted.Zip(found), p => Assert.Equal(p.First, p.Second, 1e-6f));
    }

    [Theory]
    [InlineData("half_pixel", 1.5f, "resizes 4 to 6 by mode linear (supported: by whole numbers")]
    [InlineData("half_pixel", 0.5f, "resizes 4 to 2 by mode linear")]
    [InlineData("align_corners", 2f, "coordinate_transformation_mode 'align_corners' with mode")]
    public void Import_ByOthers_IsRefused(string how, float by, string why) => Assert.Contains(
        why, Assert.Throws<InputException>(() => OnnxImporter.Import(
            Model(how, by, by, 2, 4, 4), "r.onnx", new(2, 4, 4))).Message);

    private static byte[] Model(
        string how, float byRows, float byColumns, int channels, int rows, int columns)
    {
        var graph = new GraphBuilder(13);
        string y = graph.Node(
            "Resize", ["x", "", graph.Reals([1, 1, byRows, byColumns], 4)],
            S("mode", "linear"), S("coordinate_transformation_mode", how));
        return graph.Build(DataType.Float, [1, channels, rows, columns], y);
    }
}
