namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// What ONNX Runtime (1.31) knows of shapes while it optimizes a graph: what the file declares of
/// values, and what ONNX's inference makes of inputs and constants. It follows an open batch by its
/// name, and loses it where a shape is computed. Found out by asking it for values' shapes.
/// </summary>
/// <param name="model">The graph.</param>
/// <param name="extents">Extents for a batch of one of values so far; null of others.</param>
/// <param name="constants">Constants so far; null of others.</param>
internal sealed class KnownShapes(
    OnnxModel model, Func<string, IReadOnlyList<long>?> extents,
    Func<string, OnnxTensor?> constants)
{
    private const int FirstOpsetOfRanks = 14;
    private readonly Dictionary<string, int> _makers = Makers(model);
    private readonly Dictionary<string, KnownExtent[]?> _shapes = [];
    private readonly HashSet<string> _computed = [];
    private readonly Dictionary<string, int> _reads = model.Nodes.SelectMany(n => n.Inputs)
        .CountBy(i => i).ToDictionary();
    private int _done;

    /// <summary>The shape of a value; null for none.</summary>
    public IReadOnlyList<KnownExtent>? Of(string name)
    {
        if (_makers.TryGetValue(name, out int maker))
            for (; _done <= maker; _done++) Add(model.Nodes[_done]);
        return Known(name);
    }

    /// <summary>Whether a constant was made of a shape that is not known.</summary>
    public bool IsComputed(string name)
    {
        Of(name);
        return _computed.Contains(name);
    }

    private static Dictionary<string, int> Makers(OnnxModel model)
    {
        Dictionary<string, int> makers = [];
        for (int i = 0; i < model.Nodes.Count; i++)
            foreach (string output in model.Nodes[i].Outputs) makers.TryAdd(output, i);
        return makers;
    }

    private KnownExtent[]? Known(string name) =>
        _shapes.TryGetValue(name, out KnownExtent[]? shape) ? shape
        : constants(name) is { } constant ? [.. constant.Shape.Select(e => new KnownExtent(e))]
        : model.Declared.TryGetValue(name, out IReadOnlyList<KnownExtent>? declared)
            ? [.. declared]
            : null;

    private void Add(OnnxNode node)
    {
        bool isShape = node.Operator == "Shape";
        if (isShape
                ? Input(node, 0)?.All(e => e.IsNumber) != true
                : node.Inputs.Any(_computed.Contains)
                    && node.Outputs.All(o => constants(o) is not null))
            _computed.UnionWith(node.Outputs);
        bool isMade = !isShape && (node.Inputs.Any(_shapes.ContainsKey)
            || (node.Operator is "Expand" or "Reshape" && node.Inputs.Any(_computed.Contains)));
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            string name = node.Outputs[i];
            if (name.Length == 0 || (constants(name) is not null && !isMade)) continue;
            KnownExtent[]? shape = i > 0 && node.Operator == "DynamicQuantizeLinear"
                ? []
                : Inferred(node, name);
            if (shape is not null && extents(name) is { } own && own.Count == shape.Length)
                shape = [.. shape.Zip(own, (s, e) => s.Value == 0 ? s with { Value = e } : s)];
            _shapes[name] = Merged(shape, model.Declared.GetValueOrDefault(name));
        }
    }

    /// <summary>Numbers before names, and names before nothing.</summary>
    private static KnownExtent[]? Merged(
        KnownExtent[]? inferred, IReadOnlyList<KnownExtent>? declared) =>
        declared is null ? inferred
        : inferred is null ? [.. declared]
        : inferred.Length != declared.Count ? inferred
        : [.. inferred.Zip(declared, (i, d) => i.IsNumber || (!d.IsNumber && i.Symbol.Length > 0)
            ? i
            : d)];

    private KnownExtent[]? Inferred(OnnxNode node, string output)
    {
        KnownExtent[]? first = Input(node, 0);
        switch (node.Operator)
        {
            case "Add" or "Sub" or "Mul" or "Div" or "Pow" or "PRelu" or "Min" or "Max" or "Sum"
                or "Mean":
                return Met([.. node.Inputs.Select(Known)]);
            case "com.microsoft.QLinearAdd" or "com.microsoft.QLinearMul":
                return Met([first, Input(node, 3)]);
            case "MatMul" or "MatMulInteger":
                return Product(first, Input(node, 1));
            case "QLinearMatMul":
                return Product(first, Input(node, 3));
            case "Expand":
                return Met([first, Target(node, first)]);
            case "Reshape":
                return Target(node, first);
            case "Concat" or "com.microsoft.QLinearConcat":
                return Joined(node, output);
        }

        if (first is not { Length: > 0 }) return first;
        switch (node.Operator)
        {
            case "Transpose":
                return node.Integers("perm") is not { } order ? [.. first.Reverse()]
                    : order.All(a => a >= 0 && a < first.Length)
                        ? [.. order.Select(a => first[a])]
                        : null;
            case "Flatten" or "Gemm" or "com.microsoft.QGemm":
                bool isOne = node.Operator != "Flatten" || node.Integer("axis", 1) == 1;
                return [isOne ? first[0] : KnownExtent.None, AllOf(first.Skip(1))];
            default:
                return Axes(node) is { } axes
                    ? OtherRank(node, first, axes)
                    : InPlace(node, first, output);
        }
    }

    private KnownExtent[]? Input(OnnxNode node, int input) =>
        input < node.Inputs.Count ? Known(node.Inputs[input]) : null;

    /// <summary>A number where all are.</summary>
    private static KnownExtent AllOf(IEnumerable<KnownExtent> extents) =>
        extents.All(e => e.IsNumber) ? new(0) : KnownExtent.None;

    /// <summary>Extents that meet as ONNX has it: numbers other than 1 go before all.</summary>
    private static KnownExtent[]? Met(KnownExtent[]?[] shapes)
    {
        if (shapes.Contains(null)) return null;
        int rank = shapes.Max(s => s!.Length);
        return
        [
            .. Enumerable.Range(1, rank).Reverse().Select(fromLast =>
            {
                KnownExtent[] met =
                    [.. shapes.Where(s => s!.Length >= fromLast).Select(s => s![^fromLast])];
                KnownExtent[] open = [.. met.Where(e => !e.IsNumber).Distinct()];
                return met.Any(e => e.IsNumber && e.Value != 1)
                    ? met.First(e => e.IsNumber && e.Value != 1)
                    : open.Length switch { 0 => new(1), 1 => open[0], _ => KnownExtent.None };
            }),
        ];
    }

    private static KnownExtent[]? Product(KnownExtent[]? left, KnownExtent[]? right) =>
        left is not { Length: > 1 } || right is not { Length: > 1 } ? null
        : [.. Met([left[..^2], right[..^2]])!, left[^2], right[^1]];

    /// <summary>What a Reshape or Expand asks for.</summary>
    private KnownExtent[]? Target(OnnxNode node, KnownExtent[]? from)
    {
        if (node.Inputs.Count < 2) return null;
        bool isReshape = node.Operator == "Reshape";
        IReadOnlyList<long>? asked = _computed.Contains(node.Inputs[1])
            ? isReshape ? Taken(node, from) : null
            : constants(node.Inputs[1])?.Integers;
        if (_computed.Contains(node.Inputs[1]) && asked is null)
            return isReshape && model.Opset < FirstOpsetOfRanks ? null
                : constants(node.Inputs[1])?.Shape is [var rank and >= 0 and < 16]
                    ? [.. Enumerable.Repeat(KnownExtent.None, (int)rank)]
                    : null;
        if (asked is null) return null;
        KnownExtent[]? rest = from is null ? null
            : [.. from.Where((_, i) => i >= asked.Count || asked[i] != 0 || !isReshape)];
        return
        [
            .. asked.Select((e, i) =>
                e > 0 || !isReshape ? new(e)
                : e == 0 ? i < from?.Length ? from[i] : KnownExtent.None
                : rest is null ? KnownExtent.None : AllOf(rest)),
        ];
    }

    /// <summary>
    /// The shape that the optimizer makes of one that is put together of constants and of extents
    /// which the value itself surely has there: these become 0, and one other number may be -1.
    /// </summary>
    private List<long>? Taken(OnnxNode reshape, KnownExtent[]? from)
    {
        if (Maker(reshape.Inputs[1], "Concat") is not { Inputs.Count: > 1 } parts
            || _reads[reshape.Inputs[1]] != 1) return null;
        var taken = new List<long>();
        foreach (string part in parts.Inputs)
            if (!_computed.Contains(part))
                taken.AddRange(constants(part)?.Integers ?? []);
            else
                taken.Add(IsExtent(part, taken.Count, reshape.Inputs[0], from) ? 0 : -1);
        return taken.Count(e => e == -1) > 1 ? null : taken;
    }

    private bool IsExtent(string part, int axis, string value, KnownExtent[]? from) =>
        Maker(part, "Unsqueeze") is { Inputs: [var one, ..] }
        && Maker(one, "Gather") is { Inputs: [var all, var index] }
        && constants(index)?.Integers is [var picked] && picked == axis
        && Maker(all, "Shape") is { Inputs: [var of] }
        && (of == value
            || (from is not null && Known(of) is { } other && axis < from.Length
                && axis < other.Length && from[axis].IsSame(other[axis])));

    private OnnxNode? Maker(string name, string type) =>
        _makers.TryGetValue(name, out int maker) && model.Nodes[maker].Operator == type
            ? model.Nodes[maker]
            : null;

    private KnownExtent[]? Joined(OnnxNode node, string output)
    {
        KnownExtent[]?[] parts = node.Operator == "Concat"
            ? [.. node.Inputs.Select(Known)]
            : [.. node.Inputs.Where((_, i) => i % 3 == 2).Select(Known)];
        if (parts.Length == 0 || parts.Any(p => p is null || p.Length != parts[0]!.Length))
            return null;
        int rank = parts[0]!.Length;
        long axis = node.Integer("axis", 0);
        return
        [
            .. Enumerable.Range(0, rank).Select(a => a == (axis < 0 ? axis + rank : axis)
                ? AllOf(parts.Select(p => p![a]))
                : parts.Select(p => p![a]).OrderBy(e => e.IsNumber ? 0 : e.Symbol != "" ? 1 : 2)
                    .First()),
        ];
    }

    /// <summary>Axes that keep their length, or have another one as they have one.</summary>
    private KnownExtent[] InPlace(OnnxNode node, KnownExtent[] from, string output)
    {
        if (node.Inputs.Skip(1).Any(_computed.Contains))
            return [.. from.Select(_ => KnownExtent.None)];
        if (extents(node.Inputs[0]) is not { } before || before.Count != from.Length
            || extents(output) is not { } after || after.Count != from.Length)
            return node.Operator is "ConvInteger" or "QLinearConv"
                ? [from[0], new(0), .. from.Skip(2).Select(e => AllOf([e]))]
                : from;
        return
        [
            .. from.Select((e, a) => before[a] == after[a] ? e : AllOf([e])),
        ];
    }

    /// <summary>Axes that come or go with an operator; null of those that keep all.</summary>
    private IReadOnlyList<long>? Axes(OnnxNode node) => node.Operator switch
    {
        "Gather" => [node.Integer("axis", 0)],
        "Squeeze" or "Unsqueeze" => Listed(node),
        _ when node.Operator.StartsWith("Reduce", StringComparison.Ordinal)
            && node.Integer("keepdims", 1) == 0 => Listed(node),
        _ => null,
    };

    private IReadOnlyList<long> Listed(OnnxNode node) =>
        (node.Inputs.Count > 1
            ? constants(node.Inputs[1])?.Integers
            : node.Integers("axes")) ?? [];

    private KnownExtent[]? OtherRank(
        OnnxNode node, KnownExtent[] from, IReadOnlyList<long> axes)
    {
        int rank = from.Length + (node.Operator == "Unsqueeze" ? axes.Count : 0);
        HashSet<long> at = [.. axes.Select(a => a < 0 ? a + rank : a)];
        if (axes.Count == 0 || at.Any(a => a < 0 || a >= rank)) return null;
        if (node.Operator == "Unsqueeze")
        {
            var rest = new Queue<KnownExtent>(from);
            return at.Count != axes.Count ? null
                : [.. Enumerable.Range(0, rank).Select(a =>
                    at.Contains(a) ? new(1) : rest.Dequeue())];
        }

        if (node.Operator != "Gather") return [.. from.Where((_, a) => !at.Contains(a))];
        int axis = (int)at.Single();
        return Input(node, 1) is { } index
            ? [.. from[..axis], .. index, .. from[(axis + 1)..]]
            : null;
    }
}
