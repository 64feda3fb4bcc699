using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>Float operators with constants between dynamic layers, of eight channels.</summary>
/// <param name="graph">Where nodes go.</param>
/// <param name="random">What constants are made of.</param>
internal sealed class DynamicConstants(GraphBuilder graph, Random random)
{
    private const int Channels = 8;

    /// <summary>One of them, by the number that <see cref="DynamicModel.Steps"/> lists.</summary>
    public string Add(string x, int step) => step switch
    {
        16 => Ordered("Mul", x, graph.Real(Number())),
        17 => Ordered("Mul", x, Each()),
        18 => Ordered("Add", x, random.Next(2) == 0 ? Each() : graph.Real(Number())),
        19 => random.Next(2) == 0
            ? graph.Node("Sub", [x, Each()])
            : graph.Node("Sub", [Each(), x]),
        20 => graph.Node("Div", [x, random.Next(2) == 0 ? Each() : graph.Real(Number())]),
        21 => graph.Node("PRelu", [x, Each()]),
        22 => graph.Node(
            "BatchNormalization",
            [x, Flat(), Flat(), Flat(), graph.Reals(Positive(), Channels)],
            F("epsilon", random.Next(2) == 0 ? 1e-5f : 1e-3f)),
        23 => graph.Node("Tanh", [x]),
        _ => graph.Node("Dropout", [x]),
    };

    private string Ordered(string type, string x, string constant) => graph.Node(
        type, random.Next(2) == 0 ? [x, constant] : [constant, x]);

    private string Each() => graph.Reals(Numbers(), Channels, 1, 1);

    private string Flat() => graph.Reals(Numbers(), Channels);

    private float[] Numbers() => [.. Enumerable.Range(0, Channels).Select(_ => Number())];

    private float[] Positive() => [.. Numbers().Select(Math.Abs)];

    /// <summary>No power of two, and not near 0.</summary>
    private float Number() => ((random.Next(2) * 2) - 1) * (0.3f + random.NextSingle());
}
