using QSim.Kernels.Arithmetic;
using QSim.Simulator.Networks;
using QSim.Simulator.Quantization;
using static TorchSharp.torch;
using RoundingMode = QSim.Kernels.Arithmetic.RoundingMode;

namespace QSim.Attacks.Gradients.TorchSharp;

/// <summary>
/// The values that a format holds, to the bit those of <see cref="FakeQuantizer.Apply"/>, with the
/// straight-through gradient: it passes where the value lies in the format's range.
/// </summary>
internal static class TorchFakeQuantize
{
    /// <summary>The quantized values, differentiable.</summary>
    public static Tensor Apply(Tensor x, FakeQuantizer quantizer)
    {
        (Tensor value, Tensor passes) = IsSimple(quantizer)
            ? OnDevice(x, quantizer)
            : OnHost(x, quantizer);
        return value + where(passes, x - x.detach(), zeros_like(x));
    }

    /// <summary>The same with a scale found in each image.</summary>
    public static Tensor Dynamic(Tensor x)
    {
        float[] values = x.detach().cpu().contiguous().data<float>().ToArray();
        int length = values.Length / (int)x.shape[0];
        for (int first = 0; first < values.Length; first += length)
        {
            Span<float> image = values.AsSpan(first, length);
            DynamicQuantizeLayer.Apply(image, image);
        }

        return tensor(values, x.shape).to(x.device) + (x - x.detach());
    }

    /// <summary>Modes that libtorch has: IEEE arithmetic in 64 bits, as the format's own.</summary>
    private static bool IsSimple(FakeQuantizer quantizer) =>
        quantizer is
        {
            Target.Overflow: OverflowMode.Saturate,
            Unit: not QuantizerUnit.Sign,
        }
        && quantizer.AppliedRounding
            is RoundingMode.NearestTiesToEven
                or RoundingMode.TowardNegative;

    private static (Tensor Value, Tensor Passes) OnDevice(Tensor x, FakeQuantizer quantizer)
    {
        (double step, double zero) = (quantizer.Scale.Step, quantizer.Scale.ZeroPoint);
        Tensor quotient = (x.detach().to_type(ScalarType.Float64) - quantizer.Offset) / step;
        Tensor rounded = quantizer.AppliedRounding == RoundingMode.TowardNegative
            ? quotient.floor()
            : quotient.round();
        Tensor raw = where(rounded.isnan(), full_like(rounded, zero), rounded + zero);
        Tensor passes = raw.ge((double)quantizer.Target.Min) & raw.le((double)quantizer.Target.Max);
        Tensor fitted = raw.clamp((double)quantizer.Target.Min, (double)quantizer.Target.Max);
        return ((((fitted - zero) * step) + quantizer.Offset).to_type(ScalarType.Float32), passes);
    }

    private static (Tensor Value, Tensor Passes) OnHost(Tensor x, FakeQuantizer quantizer)
    {
        float[] values = x.detach().cpu().contiguous().data<float>().ToArray();
        bool[] passes = Array.ConvertAll(values, quantizer.Passes);
        quantizer.Apply(values, values);
        return (tensor(values, x.shape).to(x.device), tensor(passes, x.shape).to(x.device));
    }
}
