using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>A byte that a written graph quantizes to another raw value than hardware.</summary>
/// <param name="Byte">0..255, of white.</param>
/// <param name="Channel">Of the image.</param>
/// <param name="Hardware">The program's raw value.</param>
/// <param name="File">QuantizeLinear's.</param>
internal readonly record struct PixelDifference(int Byte, int Channel, long Hardware, long File);

/// <summary>
/// What becomes of pixels in a written graph: QuantizeLinear rounds the quotient to float32, ties
/// to even, and saturates, where a program's input stage may divide exactly, have another rounding,
/// or take bytes as they are.
/// </summary>
internal static class QdqPixels
{
    private const int White = 255;

    // ONNX has a type of its own for them.
    private const int Four = 4;

    /// <summary>
    /// The bytes of every channel that become another raw value. Pixels are in order, so one
    /// between two bytes that agree is at most a step off.
    /// </summary>
    /// <param name="stage">The program's input.</param>
    /// <param name="step">One raw step in the graph.</param>
    public static IReadOnlyList<PixelDifference> Differences(InputStage stage, double step)
    {
        var hardware = new InputConverter(stage);
        bool leaves = LeavesRange(stage, step);
        int planes = stage.Normalization.IsEmpty ? 1 : stage.Type.Shape.Channels;
        return
        [
            .. from channel in Enumerable.Range(0, planes)
               from level in Enumerable.Range(0, White + 1)
               let wanted = hardware.Quantize(
                   level / (float)White, channel * stage.Type.Shape.Positions)
               let found = InFile(
                   stage, step, leaves, Normalized(stage, level / (float)White, channel))
               where wanted != found
               select new PixelDifference(level, channel, wanted, found),
        ];
    }

    /// <summary>
    /// Whether every float32 pixel becomes hardware's raw value: where that divides in float32
    /// itself, or by a power of two, and rounds alike.
    /// </summary>
    public static bool AreExact(InputStage stage, double step) =>
        stage is { Levels: null, Rounding: RoundingMode.NearestTiesToEven }
        && stage.Overflow == OverflowMode.Saturate && step == stage.Type.Scale
        && (stage.HasFloat32Quotient || double.IsPow2(step));

    /// <summary>
    /// Adds QuantizeLinear and DequantizeLinear of pixels, and the ends of the range before them
    /// where ONNX's integers are wider.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="stage">The program's input.</param>
    /// <param name="pixels">Pixels, normalized.</param>
    /// <param name="name">What they become.</param>
    /// <param name="step">One raw step.</param>
    public static string Quantized(
        QdqGraph graph, InputStage stage, string pixels, string name, double step)
    {
        bool leaves = LeavesRange(stage, step);
        if (leaves && stage.Type.Bits != Four)
        {
            (float low, float high) = Ends(stage.Type, step);
            pixels = graph.Node("Clip", "pixels/clipped", [
                pixels, graph.Reals("pixels/min", [low]), graph.Reals("pixels/max", [high])]);
        }

        return graph.Quantized(pixels, name, stage.Type, step, isNarrow: leaves);
    }

    /// <summary>Whether black or white leaves the range, though not that of ONNX's 8 or 16 bits.
    /// </summary>
    private static bool LeavesRange(InputStage stage, double step)
    {
        if (stage.Type.Bits is 8 or 16) return false;
        (float low, float high) = Ends(stage.Type, step);
        return Enumerable.Range(0, Math.Max(1, stage.Normalization.Length)).Any(channel =>
            new[] { 0f, 1f }.Select(p => Normalized(stage, p, channel))
                .Any(p => p < low || p > high));
    }

    private static float Normalized(InputStage stage, float pixel, int channel) =>
        stage.Normalization.IsEmpty
            ? pixel
            : (pixel * stage.Normalization[channel].Scale) + stage.Normalization[channel].Shift;

    private static (float Low, float High) Ends(TensorType type, double step) => (
        (float)((type.MinRaw - type.ZeroPoint) * step),
        (float)((type.MaxRaw - type.ZeroPoint) * step));

    private static long InFile(InputStage stage, double step, bool leaves, float pixel)
    {
        TensorType type = stage.Type;
        if (leaves && type.Bits != Four)
        {
            (float low, float high) = Ends(type, step);
            pixel = Math.Clamp(pixel, low, high);
        }

        float raw = MathF.Round(pixel / (float)step, MidpointRounding.ToEven) + type.ZeroPoint;
        int bits = leaves && type.Bits == Four ? Four : type.Bits <= 8 ? 8 : 16;
        long least = type.IsSigned ? -(1L << (bits - 1)) : 0;
        return (long)Math.Clamp(raw, least, least + (1L << bits) - 1);
    }
}
