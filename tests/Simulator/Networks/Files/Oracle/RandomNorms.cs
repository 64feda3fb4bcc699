using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>The steps: norms, roots, quotients, softmaxes, constants of constants.</summary>
internal sealed partial class RandomGraph
{
    /// <summary>A function of values that are not near 0, where it is steep.</summary>
    private bool OfPositive(Value v, string type) => Add(new(
        Graph.Node(type, [Positive(v)]), v.Extents));

    private string Positive(Value v) =>
        Graph.Node("Add", [Graph.Node("Abs", [v.Name]), Graph.Real(0.5f)]);

    private bool Pow(Value v)
    {
        float exponent = Of(1f, 2f, 0.5f, -0.5f, -1f);
        string of = exponent is 1 or 2 ? v.Name : Positive(v);
        return Add(new(Graph.Node("Pow", [of, Graph.Real(exponent)]), v.Extents));
    }

    private bool Quotient(Value v)
    {
        Value[] alike = [.. _values.Where(o => o.Extents.SequenceEqual(v.Extents))];
        string divisor = Positive(alike[_random.Next(alike.Length)]);
        return Add(new(Graph.Node("Div", [v.Name, divisor]), v.Extents));
    }

    private bool LayerNormalization(Value v)
    {
        if (Opset < 17 || v.Rank < 3) return false;
        int axis = Between(2, v.Rank - 1);
        long[] shape = [.. v.Extents.Skip(axis)];
        string[] inputs = [v.Name, Graph.Reals(Numbers(Count(shape)), shape)];
        if (Chance(0.6)) inputs = [.. inputs, Graph.Reals(Numbers(Count(shape)), shape)];
        return Add(new(
            Graph.Node(
                "LayerNormalization", inputs,
                [I("axis", Chance(0.5) ? axis - v.Rank : axis), F("epsilon", 0.05f)]),
            v.Extents));
    }

    private bool InstanceNormalization(Value v)
    {
        if (v.Rank < 3) return false;
        long c = v.Extents[1];
        return Add(new(
            Graph.Node(
                "InstanceNormalization",
                [v.Name, Graph.Reals(Numbers(c), c), Graph.Reals(Numbers(c), c)],
                F("epsilon", 0.05f)),
            v.Extents));
    }

    private bool SoftmaxOfAnAxis(Value v) =>
        Opset >= 13 && v.Rank > 2
        && Keep(v, "Softmax", I("axis", Chance(0.5) ? -1 : Between(1, v.Rank - 1)));

    /// <summary>Rows times rows, or columns times columns.</summary>
    private bool Product(Value v)
    {
        if (v.Rank < 3) return false;
        long[] order = [.. Enumerable.Range(0, v.Rank).Select(a => (long)a)];
        (order[^1], order[^2]) = (order[^2], order[^1]);
        string turned = Graph.Node("Transpose", [v.Name], Is("perm", order));
        bool isFirst = Chance(0.5);
        long side = isFirst ? v.Extents[^1] : v.Extents[^2];
        return Add(new(
            Graph.Node("MatMul", isFirst ? [turned, v.Name] : [v.Name, turned]),
            [.. v.Extents.Take(v.Rank - 2), side, side]));
    }

    private bool Bilinear(Value v)
    {
        if (Opset < 11 || v.Rank != 4) return false;
        float[] scales = [1, 1, Of(1f, 2f, 3f), Of(1f, 2f, 3f)];
        long[] to = [.. v.Extents.Zip(scales, (e, s) => e * (long)s)];
        if (Count(to) > 2000) return false;
        string roi = Opset >= 13 ? "" : Graph.Reals([], 0);
        return Add(new(
            Graph.Node(
                "Resize", [v.Name, roi, Graph.Reals(scales, 4)], S("mode", "linear"),
                S("coordinate_transformation_mode",
                    Of("half_pixel", "pytorch_half_pixel", "asymmetric"))),
            to));
    }

    /// <summary>What PyTorch writes for <c>x.expand(-1, 3, -1)</c>.</summary>
    private bool ExpandWhere(Value v)
    {
        if (Opset < 9) return false;
        long[] to = [.. v.Extents.Select((e, a) => a > 0 && e == 1 ? Between(1, 3) : e)];
        if (Count(to) > 2000) return false;
        string asked = Graph.Integers([.. to.Zip(v.Extents, (t, e) => t == e ? -1 : t)]);
        string ones = Graph.Node(
            "ConstantOfShape", [Graph.Integers(v.Rank)], Whole("value", 1));
        string kept = Graph.Node(
            "Equal", [asked, Graph.Node("Mul", [ones, Graph.Integers(-1)])]);
        string shape = Graph.Node("Where", [kept, ones, asked]);
        return Add(new(Graph.Node("Expand", [v.Name, shape]), to));
    }
}
