namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>The operators of QONNX.</summary>
internal static class QonnxRules
{
    /// <summary>
    /// Domains in which they are found: today's, FINN's, Brevitas', and QKeras' first converter's.
    /// </summary>
    private static readonly string[] Domains =
        ["qonnx.custom_op.general", "finn.custom_op.general", "onnx.brevitas", "qonnx"];

    /// <summary>An operator's name with its domain, which the first exporters left out.</summary>
    public static string Named(string domain, string type) =>
        domain is not ("" or "ai.onnx") ? $"{domain}.{type}"
        : Own.Any(o => o.Name == type) ? $"{Domains[0]}.{type}"
        : type;

    /// <summary>Rows of <see cref="OnnxRules"/>.</summary>
    public static IEnumerable<KeyValuePair<string, OperatorRule>> All =>
        from domain in Domains
        from rule in Own
        select KeyValuePair.Create($"{domain}.{rule.Name}", rule.Rule);

    /// <summary>Whether an operator is one of QONNX, which ONNX Runtime does not run.</summary>
    public static bool Has(string name) =>
        Domains.Any(d => Own.Any(o => name == $"{d}.{o.Name}"));

    private static (string Name, OperatorRule Rule)[] Own
    {
        get
        {
            AttributeRule Used(string name) => new(name, AttributeUse.Honoured);
            AttributeRule[] format = [Used("signed"), Used("narrow"), Used("rounding_mode")];
            return
            [
                ("Quant", new(QonnxOperators.Quant, 4, format)),
                ("IntQuant", new(QonnxOperators.Quant, 4, format)),
                ("BipolarQuant", new(QonnxOperators.BipolarQuant, 2)),
                ("Trunc", new(TruncOperator.Trunc, 6, format)),
            ];
        }
    }
}
