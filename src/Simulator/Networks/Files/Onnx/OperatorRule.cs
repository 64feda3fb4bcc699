namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>What becomes of an attribute.</summary>
internal enum AttributeUse
{
    /// <summary>The operator's function looks at it.</summary>
    Honoured,

    /// <summary>One value is what QSim does; any other is refused.</summary>
    Only,

    /// <summary>It says nothing about what a trained network computes.</summary>
    Unused,

    Refused,
}

/// <summary>One attribute of one operator.</summary>
/// <param name="Name">As ONNX has it.</param>
/// <param name="Use">What becomes of it.</param>
/// <param name="Value">The value of <see cref="AttributeUse.Only"/>.</param>
internal sealed record AttributeRule(string Name, AttributeUse Use, long Value = 0);

/// <summary>One operator that QSim reads.</summary>
/// <param name="Add">Adds what a node does.</param>
/// <param name="Inputs">The most inputs that are looked at; more are refused.</param>
/// <param name="Attributes">Every attribute of every version from opset 7 on.</param>
internal sealed record OperatorRule(
    Action<OnnxGraph, OnnxNode> Add, int Inputs, params AttributeRule[][] Attributes)
{
    /// <summary>The most outputs that other nodes may read.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>Whether it computes with the integers that a QuantizeLinear makes.</summary>
    public bool ReadsRaw { get; init; }

    /// <summary>The row of an attribute; null where there is none.</summary>
    public AttributeRule? Find(string name) => All.FirstOrDefault(a => a.Name == name);

    /// <summary>The attributes in one list.</summary>
    public IEnumerable<AttributeRule> All => Attributes.SelectMany(a => a);
}
