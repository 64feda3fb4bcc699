using QSim.Kernels.Datapath;

namespace QSim.Silicon.Rtl;

/// <summary>
/// The whole unit as it would be placed: multiply-accumulate and requantization chained.
/// </summary>
internal static class UnitModule
{
    /// <summary>The module.</summary>
    public static ModuleText Of(MacLayer layer, MacModules unit)
    {
        var module = new ModuleText(
            $"{unit.Name}_unit", $"Layer {unit.Name}: operands in, outputs out.");
        List<string> mac = [".clk(clk)"], requantize = [".accumulator(accumulator)"];
        foreach (Wire port in unit.Inputs().Concat(Requantizing(layer)))
            module.Input(port);
        mac.AddRange(unit.Inputs().Skip(1).Select(p => $".{p.Name}({p.Name})"));
        requantize.AddRange(RequantizeModule.Ports(layer).Select(p =>
            $".{p.Port.Name}({p.Port.Name})"));
        if (RequantizeModule.RandomBits(layer) > 0) requantize.Add(".random(output_random)");
        module.Output(new("products", unit.Lanes * unit.Product.Bits, false, IsVector: true));
        AddFlags("products", unit.Lanes, mac, "products_");
        module.Output(unit.Accumulator);
        AddFlags("accumulator", 1, mac);
        module.Output(Wire.Of("result", layer.Requantization[0].Output));
        AddFlags("output", 1, requantize);
        mac.AddRange([".products(products)", ".accumulator(accumulator)"]);
        requantize.Add(".result(result)");
        module.Line($"{unit.Name}_mac accumulate (");
        module.Line($"  {string.Join(",\n    ", mac)}");
        module.Line(");");
        module.Line($"{unit.Name}_requantize requantize (");
        module.Line($"  {string.Join(",\n    ", requantize)}");
        module.Line(");");
        return module;

        void AddFlags(string of, int lanes, List<string> ports, string prefix = "")
        {
            foreach (string flag in new[] { "overflowed", "inexact" })
            {
                module.Output(new($"{of}_{flag}", lanes, false, IsVector: prefix.Length > 0));
                ports.Add($".{prefix}{flag}({of}_{flag})");
            }
        }
    }

    private static IEnumerable<Wire> Requantizing(MacLayer layer)
    {
        foreach ((Wire port, _) in RequantizeModule.Ports(layer)) yield return port;
        if (RequantizeModule.RandomBits(layer) is > 0 and int bits)
            yield return new("output_random", bits, false);
    }
}
