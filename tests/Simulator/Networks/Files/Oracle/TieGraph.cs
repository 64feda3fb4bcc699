using QSim.Kernels.Datapath;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Operators between pairs of 8 bits whose scales are small multiples of powers of two, so that
/// many values lie halfway between two integers.
/// </summary>
/// <param name="seed">Of everything random.</param>
/// <param name="type">Of the pairs about the operator.</param>
/// <param name="opset">Version of ONNX's operators.</param>
internal sealed class TieGraph(int seed, DataType type, int opset = 13)
{
    private const int Channels = 8, Side = 6;

    private readonly Random _random = new(seed);

    /// <summary>The image.</summary>
    public static TensorShape Shape => new(Channels, Side, Side);

    /// <summary>What nodes are added to.</summary>
    public GraphBuilder Graph { get; } = new(opset);

    /// <summary>A number by chance, from 0 on.</summary>
    public int Next(int below) => _random.Next(below);

    /// <summary>One of several.</summary>
    public T One<T>(params T[] of) => of[Next(of.Length)];

    /// <summary>
    /// 1 to 7 quarters of a power of two, or a multiple of a number that is not round.
    /// </summary>
    public float Scale(float about)
    {
        float power = MathF.ScaleB(1, (int)MathF.Round(MathF.Log2(about)));
        return Next(3) == 0 ? about * One(1, 0.5f, 2, 0.75f) : power * (1 + Next(7)) / 4;
    }

    /// <summary>
    /// A convolution of the image's pixels, quantized so that all integers of the type occur.
    /// </summary>
    public (string Value, float Scale) Operand()
    {
        string sums = Convolved(QuantizedIslandTests.Pair(Graph, "x", 1 / 255f, 0));
        float scale = Scale(0.0173f);
        return (Pair(sums, scale, Zero(90, 160)), scale);
    }

    /// <summary>Sums of all channels, with weights of 7 bits.</summary>
    public string Convolved(string x, int channels = Channels)
    {
        int[] raw = [.. Enumerable.Range(0, Channels * channels).Select(_ => Next(127) - 63)];
        return Graph.Node("Conv", [x, Graph.Node(
            "DequantizeLinear",
            [
                Graph.Raw(DataType.Int8, raw, Channels, channels, 1, 1), Graph.Real(1 / 64f),
                Graph.Raw(DataType.Int8, [0]),
            ])]);
    }

    /// <summary>A zero point of the type, as of 0..255.</summary>
    public int Zero(int from = 0, int below = 256) =>
        from + Next(below - from) - (type == DataType.Int8 ? 128 : 0);

    /// <summary>Rounded to integers and back.</summary>
    /// <param name="value">The value.</param>
    /// <param name="scale">One step.</param>
    /// <param name="zero">The zero point.</param>
    /// <param name="form">
    /// What has a dimension: the scale, the zero point, both; or no zero is there.
    /// </param>
    public string Pair(string value, float scale, int zero, string form = "")
    {
        string[] how =
        [
            Graph.Reals([scale], form is "scale" or "both" or "scale alone" ? [1] : []),
            .. (string[])(form is "alone" or "scale alone"
                ? []
                : [Graph.Raw(type, [zero], form is "zero" or "both" ? [1] : [])]),
        ];
        return Graph.Node(
            "DequantizeLinear", [Graph.Node("QuantizeLinear", [value, .. how]), .. how]);
    }

    /// <summary>
    /// The model: a clamp behind the operator, or none, and a pair whose zero point makes up for
    /// some of them.
    /// </summary>
    public byte[] Build(string value, float about, string clamp = "", string form = "")
    {
        float scale = Scale(about);
        int zero = form.EndsWith("alone") || (clamp != "" && form != "")
            || (clamp == "Relu" && Next(3) == 0)
            ? Zero(0, 1) : Zero(60, 190);
        string y = clamp switch
        {
            "Clip" => Graph.Node(
                clamp,
                form.Length > 0
                    ? [value, Graph.Real(-scale), Graph.Real(300 * scale)]
                    : [value, Graph.Reals([Bound(-90)]), Graph.Reals([Bound(3)])]),
            "from 0" => Graph.Node("Clip", [value, Graph.Real(0)]),
            "below" => Graph.Node("Clip", [value, "", Graph.Real(254.7f * scale)]),
            "Relu" => Graph.Node(clamp, [value]),
            _ => value,
        };
        return Graph.Build(
            DataType.Float, [-1, Channels, Side, Side],
            Graph.Node("Flatten", [Pair(y, scale, zero, form)]));

        // Half of the bounds are halfway between two integers, too.
        float Bound(int least) => scale * (least + Next(80) + (0.5f * Next(2)));
    }
}
