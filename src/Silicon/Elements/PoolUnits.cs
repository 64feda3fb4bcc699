using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;

namespace QSim.Silicon.Elements;

/// <summary>Circuits of maxima over windows.</summary>
internal static class PoolUnits
{
    /// <summary>The largest value of a window.</summary>
    public static ElementUnit Of(MaxPoolLayer layer, string name)
    {
        int taps = PoolWindow.Taps(layer.Geometry);
        Wire value = ElementUnit.Of("x", layer.Input);
        Wire result = ElementUnit.Of("result", layer.Output);
        Wire[] inputs = PoolWindow.Ports(taps, value);
        string tap = PoolWindow.Tap(value);
        ModuleText module = ElementUnit.Module(
            name, $"The largest of {taps} values; padding is not valid.", inputs, result);
        module.Line($"{value.Type} largest;");
        module.Line("logic found;");
        module.Line("always_comb begin");
        module.Line("  largest = '0;");
        module.Line("  found = 1'b0;");
        module.Line($"  for (int i = 0; i < {taps}; i++)");
        module.Line($"    if (valid[i] && (!found || {tap} > largest)) begin");
        module.Line($"      largest = {tap};");
        module.Line("      found = 1'b1;");
        module.Line("    end");
        module.Line("end");
        module.Drive("result", "largest");
        module.Drive("overflowed", "1'b0");
        module.Drive("inexact", "1'b0");
        return new(
            $"largest of {taps} x {value.Bits} bits", inputs, result, [module],
            PoolWindow.Operands(layer.Geometry, layer.Input, layer.Output));
    }
}
