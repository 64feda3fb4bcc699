using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Profiles.Describing;

/// <summary>The widths that formats alone decide, before any network is known.</summary>
internal static class DatapathWidths
{
    /// <summary>One line per fact.</summary>
    public static IEnumerable<string> Describe(Datapath datapath)
    {
        yield return Pixels(datapath.Input);
        LayerDatapath layer = datapath.For("dense", "", isLast: false);
        (string Name, ValueFormat Format)[] sources =
            [("the input", datapath.Input), ("an activation", layer.Output)];
        foreach ((string name, ValueFormat format) in sources)
            yield return $"first factor {name} ({Spell(format)}): {Product(layer, format)}";
    }

    /// <summary>As in <c>8 bits, signed or not, scale 2^-F calibrated</c>.</summary>
    public static string Spell(ValueFormat format)
    {
        string sign = format.Signedness switch
        {
            Signedness.Signed => "signed",
            Signedness.Unsigned => "unsigned",
            Signedness.Auto => "signed where needed",
        };
        string point = format.FractionBits is { } f ? $"{f} fraction bits"
            : format.Scale == ScaleKind.Real ? "real scale" : "power-of-two scale";
        return $"{format.Bits} bits, {sign}, {point}";
    }

    /// <summary>How an image gets in.</summary>
    private static string Pixels(ValueFormat input)
    {
        if (input.Pixels == PixelEncoding.Real)
            return "pixels: real numbers 0..1, byte / 255, converted by the input's format";
        bool isReal = input is { IsCalibrated: true, Scale: ScaleKind.Real };
        int magnitude = input.Signedness == Signedness.Signed ? input.Bits - 1 : input.Bits;
        string raw = input.Affine
            ? (input.Bits, input.NarrowRange) switch
            {
                (8, false) => input.Signedness == Signedness.Signed ? "byte - 128" : "byte",
                _ => "the input's whole range, from black to white",
            }
            : isReal ? magnitude == 8 ? "byte" : $"byte * {(1L << magnitude) - 1}/255"
            : magnitude == 8 ? "byte"
            : magnitude > 8 ? $"byte * {1L << (magnitude - 8)}"
            : $"byte / {1 << (8 - magnitude)}";
        string read = isReal ? "read as byte / 255"
            : "read as byte / 256, which the first weights, larger by 256/255, make up for";
        return $"pixels: bytes, raw = {raw}, rounded {ModeNames.Of(input.Rounding)}; {read}";
    }

    private static string Product(LayerDatapath layer, ValueFormat x)
    {
        MacChain chain = layer.Chain(x, x.FractionBits);
        string stage = $"exact product {chain.ExactProduct.Bits} bits"
            + (layer.Product is { } p ? $", converted to {p.Format}" : "");
        int? point =
            layer.Product?.Format.FractionBits ?? x.FractionBits + layer.Weight.FractionBits;
        return $"{stage}; {Capacity(layer.Accumulator, chain, point)}";
    }

    /// <summary>How many products, whatever their values, the accumulator holds.</summary>
    private static string Capacity(AccumulatorFormat accumulator, MacChain chain, int? point)
    {
        if (accumulator.FractionBits is { } own && own != point)
            return $"accumulator {accumulator.Bits} bits at a binary point of its own";
        (ExactRange register, ExactRange product) = (chain.Register, chain.Product);
        BigInteger most = BigInteger.Min(
            product.High.IsZero ? long.MaxValue : register.High / product.High,
            product.Low.IsZero ? long.MaxValue : register.Low / product.Low);
        return most.IsZero
                ? $"accumulator {accumulator.Bits} bits: less than one product of the largest "
                    + "magnitude"
            : most.IsOne
                ? $"accumulator {accumulator.Bits} bits: one product of any value never overflows "
                    + "it"
            : $"accumulator {accumulator.Bits} bits: {most} products of any value never overflow "
                + "it";
    }
}
