using QSim.Simulator.Networks.Files.Onnx.Schema;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// A small random graph of the operators that QSim reads, in the form of its version. The seed is
/// all there is to it.
/// </summary>
internal sealed partial class RandomGraph
{
    private readonly Random _random;
    private readonly List<Value> _values = [];
    private readonly HashSet<string> _used = [];

    public RandomGraph(int seed, string? first = null)
    {
        _random = new(seed);
        Opset = Between(7, 21);
        Batch = Chance(0.3) ? 2 : Chance(0.5) ? -1 : 1;
        Graph = new(Opset)
        {
            HasConstantNodes = Chance(0.3),
            ListsConstants = Opset <= 8 && Chance(0.5),
        };
        Input = Between(0, 5) switch
        {
            0 => [Between(1, 12)],
            1 => [Between(1, 4), Between(3, 12)],
            _ => [Between(1, 5), Between(2, 8), Between(2, 8)],
        };
        _values.Add(new("x", [1, .. Input.Select(e => (long)e)]));
        int steps = Between(1, 5);
        for (int i = 0, tries = 0; i < steps && tries < 200; tries++)
        {
            string[] names = [.. Steps.Keys];
            string name = first is not null && i == 0 ? first : names[_random.Next(names.Length)];
            Value value = Chance(0.8) ? _values[^1] : _values[_random.Next(_values.Count)];
            if (!Steps[name](this, value)) continue;
            _used.Add(name);
            i++;
        }

        // A softmax at the end is left out, so there is something behind it.
        Output = _values[^1].Name == "x"
            || _used.Any(u => u.StartsWith("Softmax", StringComparison.Ordinal))
            ? Graph.Node("Abs", [_values[^1].Name])
            : _values[^1].Name;
        Bytes = Graph.Build(DataType.Float, [Batch, .. Input.Select(e => (long)e)], Output);
    }

    /// <summary>A value of the graph, its extents for a batch of one.</summary>
    private sealed record Value(string Name, long[] Extents)
    {
        public int Rank => Extents.Length;
    }

    /// <summary>Version of ONNX's operators.</summary>
    public int Opset { get; }

    /// <summary>What the input says of its batch; -1 where it is open.</summary>
    public int Batch { get; }

    /// <summary>Extents of one image as the graph sees it.</summary>
    public int[] Input { get; }

    /// <summary>Name of the output.</summary>
    public string Output { get; }

    /// <summary>The model.</summary>
    public byte[] Bytes { get; }

    /// <summary>The names of steps that took part.</summary>
    public IReadOnlySet<string> Used => _used;

    /// <summary>Every step that a graph may take, by name.</summary>
    public static IReadOnlyCollection<string> StepNames => Steps.Keys;

    private GraphBuilder Graph { get; }

    private int Between(int low, int high) => _random.Next(low, high + 1);

    private bool Chance(double probability) => _random.NextDouble() < probability;

    private T Of<T>(params T[] choices) => choices[_random.Next(choices.Length)];

    private float[] Numbers(long count, double scale = 1) =>
        [.. Enumerable.Range(0, (int)count).Select(_ => (float)(((_random.NextDouble() * 2) - 1)
            * scale))];

    /// <summary>An attribute now and then left at its default.</summary>
    private AttributeProto[] Maybe(params AttributeProto[] attributes) =>
        [.. attributes.Where(_ => Chance(0.7))];

    private bool Add(Value value)
    {
        _values.Add(value);
        return true;
    }

    private bool Keep(Value like, string type, params AttributeProto[] attributes) =>
        Add(new(Graph.Node(type, [like.Name], attributes), like.Extents));

    /// <summary>The batch as an exporter writes it into a shape.</summary>
    private long WrittenBatch() => Batch == 2 ? Of(2, 2, -1, 0) : Of(-1, 0, Batch == 1 ? 1 : -1);

    private static long Count(IEnumerable<long> extents) => extents.Aggregate(1L, (a, b) => a * b);

    /// <summary>Whole numbers as an input since some version, as an attribute before.</summary>
    private (string[] Inputs, AttributeProto[] Attributes) Given(
        string value, string name, int since, params long[] numbers) =>
        Opset >= since
            ? ([value, Graph.Integers(numbers)], [])
            : ([value], [Is(name, numbers)]);
}
