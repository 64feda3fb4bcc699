using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Silicon.Rtl;

/// <summary>
/// Accumulator to output (ARITHMETIC.md section 5) as one module. What differs from channel to
/// channel comes in by ports; the rest is written down.
/// </summary>
internal sealed class RequantizeModule
{
    private const int MultiplierBits = 32;
    private readonly MacLayer _layer;
    private readonly Requantization[] _channels;
    private readonly Requantization _first;
    private readonly ModuleText _module;
    private readonly string _name;
    private Wire _value;

    private RequantizeModule(MacLayer layer, string name, Wire accumulator)
    {
        (_layer, _name) = (layer, name);
        _channels = [.. layer.Requantization];
        _first = _channels[0];
        _module = new($"{name}_requantize", Comment());
        _value = accumulator with { Name = "accumulator" };
    }

    /// <summary>The module, and those that it uses.</summary>
    public static IEnumerable<ModuleText> Of(MacLayer layer, string name)
    {
        Wire accumulator = Wire.Of("accumulator", layer.Mac.Update);
        if (layer.Requantization[0].Kind == RequantizationKind.Real)
        {
            yield return RealRequantize.Significand($"{name}_significand", accumulator.SignedBits);
            yield return RealRequantize.Significand(
                $"{name}_product_significand", RealRequantize.ProductBits);
        }

        var made = new RequantizeModule(layer, name, accumulator);
        made.Write();
        yield return made._module;
    }

    /// <summary>Null where the twin has a circuit for it, else what it has none for.</summary>
    public static string? WhyNot(MacLayer layer)
    {
        Requantization first = layer.Requantization[0];
        bool alike = layer.Requantization.All(r =>
            r.Kind == first.Kind
            && r.Output with { Shift = 0 } == first.Output with { Shift = 0 }
            && (r.ClampMin, r.ClampMax) == (first.ClampMin, first.ClampMax)
            && r.ZeroPoint == first.ZeroPoint);
        bool shifts = layer.Requantization.Any(r => r.Output.Shift != first.Output.Shift);
        return first.Kind == RequantizationKind.RealOnce
                ? "a float32 sum with an unrounded bias (requantize: real_once) has no circuit here"
            : !alike ? "channels requantize in different ways"
            : shifts && first.Output.Rounding == RoundingMode.Stochastic
                ? "channels round at random by different shifts"
            : first.Kind == RequantizationKind.Real ? RealRequantize.WhyNot(layer)
            : null;
    }

    /// <summary>Random bits that it draws; 0 where it draws none.</summary>
    public static int RandomBits(MacLayer layer) =>
        layer.Requantization[0] is { Kind: RequantizationKind.Shift, Output: var output }
        && output.DrawsRandomBits
            ? output.Shift
            : 0;

    /// <summary>The ports by which channels differ, each with its value per channel.</summary>
    public static IReadOnlyList<(Wire Port, Func<Requantization, long> Value)> Ports(MacLayer layer)
    {
        List<(Wire, Func<Requantization, long>)> ports = [];
        if (layer.Requantization[0].Kind == RequantizationKind.Shift)
        {
            Add("shift", r => r.Output.Shift + MostLeft(layer));
            return ports;
        }

        if (layer.Requantization[0].Kind == RequantizationKind.Real)
            return [.. RealRequantize.Ports(layer)];
        if (Varies(layer, r => r.Multiplier))
            ports.Add((new("multiplier", MultiplierBits, true), r => r.Multiplier));
        Add("left", Left);
        Add("right", Right);
        return ports;

        void Add(string name, Func<Requantization, long> value)
        {
            if (!Varies(layer, value)) return;
            long most = layer.Requantization.Max(value);
            ports.Add((new(name, (int)new BigInteger(most).GetBitLength(), false), value));
        }
    }

    private static bool Varies(MacLayer layer, Func<Requantization, long> value) =>
        layer.Requantization.Any(r => value(r) != value(layer.Requantization[0]));

    private static long Left(Requantization channel) => Math.Max(0, -channel.MultiplierShift);

    private static long Right(Requantization channel) => Math.Max(0, channel.MultiplierShift);

    /// <summary>The farthest that any channel shifts left.</summary>
    private static int MostLeft(MacLayer layer) => Math.Max(
        0,
        layer.Requantization.Max(r =>
            r.Kind == RequantizationKind.Shift ? -r.Output.Shift : -r.MultiplierShift));

    private void Write()
    {
        _module.Input(_value);
        foreach ((Wire port, _) in Ports(_layer)) _module.Input(port);
        if (RandomBits(_layer) is > 0 and int bits) _module.Input(new("random", bits, false));
        _module.Output(Wire.Of("result", _first.Output));
        _module.Output(new("overflowed", 1, false));
        _module.Output(new("inexact", 1, false));
        _value = Signed(_value);

        (Wire rounded, Wire unrounded) = _first.Kind switch
        {
            RequantizationKind.MultiplierDouble => Same(Double()),
            RequantizationKind.MultiplierSingle => Same(Single()),
            RequantizationKind.Real => Same(Real()),
            RequantizationKind.Shift => Shift(),
            _ => throw new InvalidOperationException($"no circuit for {_first.Kind}"),
        };
        Wire value = Activation.Write(_module, _first, rounded, "");
        bool fromSource = FitText.AsksForDeletedBit(_first.Output)
            && _first.Output.Dialect == OverflowDialect.Ap;
        Wire source = value;
        if (fromSource && unrounded.Name != rounded.Name)
            _module.PartlyUsed(
                () => source = Activation.Write(_module, _first, unrounded, "source_"));
        FitText.Fit(
            _module, value, RoundingText.Bit(value, value.Bits - 1),
            RoundingText.Bit(source, _first.Output.Bits), _first.Output);
    }

    private static (Wire Rounded, Wire Unrounded) Same(Wire wire) => (wire, wire);

    private Wire Signed(Wire wire)
    {
        if (wire.IsSigned) return wire;
        Wire signed = new("signed_accumulator", wire.SignedBits, true);
        _module.Let(signed, wire.As(signed.Bits));
        return signed;
    }

    private (Wire Rounded, Wire Unrounded) Shift()
    {
        if (!Varies(_layer, r => r.Output.Shift))
        {
            int shift = _first.Output.Shift;
            Wire rounded = RoundingText.Round(_module, _value, shift, _first.Output.Rounding);
            _module.Drive("inexact", RoundingText.Dropped(shift));
            if (shift <= 0) return (rounded, rounded);
            Wire floor = new("floor", Math.Max(1, _value.Bits - shift), true);
            if (FitText.AsksForDeletedBit(_first.Output))
                _module.PartlyUsed(
                    () => _module.Let(floor, $"{floor.Bits}'({_value.Name} >>> {shift})"));
            return (rounded, floor);
        }

        int left = MostLeft(_layer);
        Wire wide = Widened(_value, left);
        Wire result = VariableShift.Round(
            _module, wide, "shift", _layer.Requantization.Max(r => r.Output.Shift) + left,
            _first.Output.Rounding);
        _module.Drive("inexact", "dropped");
        return (result, new("floor", result.Bits - 1, true));
    }

    private Wire Double()
    {
        Wire shifted = LeftShifted();
        Wire product = Product(shifted);
        Wire high = RoundingText.Round(
            _module, product, 31, RoundingMode.NearestTiesTowardPositive, "high_");
        bool mayBeSmallest = _channels.Any(c => c.Multiplier == int.MinValue)
            && shifted.Bits >= MultiplierBits;
        if (mayBeSmallest)
        {
            // The one product whose double does not fit 32 bits saturates.
            Wire saturated = high with { Name = "high" };
            _module.Let(
                saturated,
                $"({shifted.Name} == {Wire.SignedLiteral(int.MinValue, shifted.Bits)}) && ("
                    + $"{Multiplier} == {Wire.SignedLiteral(int.MinValue, MultiplierBits)}) ? "
                    + $"{Wire.SignedLiteral(int.MaxValue, high.Bits)} : {high.Name}");
            high = saturated;
        }

        int right = (int)_channels.Max(Right);
        Wire result = Varies(_layer, Right)
            ? VariableShift.Round(
                _module, high, "right", right, RoundingMode.NearestTiesAway)
            : RoundingText.Round(_module, high, right, RoundingMode.NearestTiesAway);
        _module.Drive("inexact", right == 0 ? "high_dropped" : "high_dropped || dropped");
        return result;
    }

    private Wire Single()
    {
        Wire product = Product(_value);
        Wire result = Varies(_layer, r => r.MultiplierShift)
            ? VariableShift.Round(
                _module, product, "right", _channels.Max(c => c.MultiplierShift),
                RoundingMode.NearestTiesTowardPositive)
            : RoundingText.Round(
                _module, product, _first.MultiplierShift, RoundingMode.NearestTiesTowardPositive);
        _module.Drive("inexact", "dropped");
        return result;
    }

    private Wire Real()
    {
        Wire result = RealRequantize.Write(_module, _layer, _value, _name);
        _module.Drive("inexact", "dropped");
        return result;
    }

    private Wire LeftShifted()
    {
        int left = MostLeft(_layer);
        if (left == 0) return _value;
        if (!Varies(_layer, Left)) return Widened(_value, left);
        Wire wide = new("shifted", _value.Bits + left, true);
        _module.Let(wide, $"{_value.As(wide.Bits)} <<< left");
        return wide;
    }

    private Wire Widened(Wire value, int left)
    {
        if (left == 0) return value;
        Wire wide = new("shifted", value.Bits + left, true);
        _module.Let(wide, $"$signed({{{value.Name}, {left}'d0}})");
        return wide;
    }

    private Wire Product(Wire value)
    {
        bool varies = Varies(_layer, r => r.Multiplier);
        int bits = varies
            ? MultiplierBits
            : (int)new BigInteger(_first.Multiplier).GetBitLength() + 1;
        Wire factor = new(Multiplier, bits, true);
        if (!varies) _module.Constant(factor, _first.Multiplier);
        Wire product = new("product", value.Bits + bits, true);
        _module.Let(product, $"{value.As(product.Bits)} * {factor.As(product.Bits)}");
        return product;
    }

    private string Multiplier =>
        Varies(_layer, r => r.Multiplier) ? "multiplier" : "MULTIPLIER";

    private string[] Comment()
    {
        string rounding = ModeNames.Of(_first.Output.Rounding);
        string kind = _first.Kind switch
        {
            RequantizationKind.MultiplierDouble =>
                "A rounding doubling high multiply, then a rounding right shift",
            RequantizationKind.MultiplierSingle => "A multiplier and one rounding right shift",
            RequantizationKind.Real =>
                $"A float32 scale, the product in float32, then an integer (rounding: {rounding})",
            RequantizationKind.Shift when _channels.All(c => c.Output.Shift == 0) =>
                "The binary point stays",
            RequantizationKind.Shift => $"A shift (rounding: {rounding})",
            // WhyNot refuses the rest.
            _ => throw new InvalidOperationException($"{_first.Kind} has no circuit"),
        };
        string[] then =
        [
            .. _first.ZeroPoint == 0 ? Array.Empty<string>() : ["the zero point"],
            .. (_first.ClampMin, _first.ClampMax) is (long.MinValue, long.MaxValue)
                ? Array.Empty<string>()
                : ["the fused activation"],
        ];
        return
        [
            $"{kind},",
            string.Concat(then.Select(t => $"{t}, "))
                + $"then {_first.Output.Bits} {(_first.Output.IsSigned ? "signed" : "unsigned")} "
                + $"bits (overflow: {ModeNames.Of(_first.Output.Overflow)}).",
        ];
    }
}
