using QSim.Kernels.Arithmetic;
using QSim.Silicon.Rtl;

namespace QSim.Silicon.Elements;

/// <summary>
/// The sum of a window that is fitted into a register after every value, as a chain of adders: what
/// a sequential unit holds after each of them.
/// </summary>
internal static class RegisterSum
{
    private const string Converts = "register_convert";

    /// <summary>One value's addition, and the conversion that it uses.</summary>
    public static IEnumerable<ModuleText> Modules(ConversionSpec register, Wire value, string name)
    {
        Wire sum = Wire.Of("sum", register), converted = sum with { Name = "converted" };
        Wire exact = new("exact", Math.Max(sum.SignedBits, value.SignedBits) + 1, true);
        yield return ConvertModule.Of(
            $"{name}_{Converts}", "Sum plus value into the register", exact.Bits, register);
        var module = new ModuleText(
            $"{name}_tap", "One value more, where it is inside the image.");
        module.Input(sum);
        module.Input(value);
        module.Input(new("valid", 1, false));
        module.Output(sum with { Name = "next" });
        module.Output(new("overflowed", 1, false));
        module.Output(new("inexact", 1, false));
        module.Let(exact, $"{sum.As(exact.Bits)} + {value.As(exact.Bits)}");
        module.Line($"{converted.Type} converted;");
        module.Line("logic convert_overflowed, convert_inexact;");
        module.Line($"{name}_{Converts} convert (.value(exact), .result(converted),");
        module.Line("  .overflowed(convert_overflowed), .inexact(convert_inexact));");
        module.Drive("next", "valid ? converted : sum");
        module.Drive("overflowed", "valid && convert_overflowed");
        module.Drive("inexact", "valid && convert_inexact");
        yield return module;
    }

    /// <summary>
    /// Writes the chain and drives <c>accumulator</c> with its flags.
    /// </summary>
    /// <returns>The sum, two's complement.</returns>
    public static Wire Write(
        ModuleText module, ConversionSpec register, Wire value, int taps, string name)
    {
        Wire accumulator = Wire.Of("accumulator", register);
        module.Output(accumulator);
        foreach (string flag in new[] { "overflowed", "inexact" })
        {
            module.Output(new($"accumulator_{flag}", 1, false));
            module.Line($"logic [{taps - 1}:0] tap_{flag};");
            module.Drive($"accumulator_{flag}", $"|tap_{flag}");
        }

        string before = Wire.Literal(0, accumulator.Bits);
        for (int tap = 0; tap < taps; tap++)
        {
            string after = tap == taps - 1 ? "accumulator" : $"sum_{tap}";
            int low = tap * value.Bits;
            string bits = value.Bits == 1 ? $"{low}" : $"{low + value.Bits - 1}:{low}";
            if (tap < taps - 1) module.Line($"{accumulator.Type} {after};");
            module.Line($"{name}_tap tap_{tap} (.sum({before}), .x(x[{bits}]),");
            module.Line($"  .valid(valid[{tap}]), .next({after}),");
            module.Line(
                $"  .overflowed(tap_overflowed[{tap}]), .inexact(tap_inexact[{tap}]));");
            before = after;
        }

        if (accumulator.IsSigned) return accumulator;
        Wire sum = new("sum", accumulator.SignedBits, true);
        module.Let(sum, accumulator.As(sum.Bits));
        return sum;
    }
}
