using System.Globalization;
using QSim.Kernels.Arithmetic;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Units;

/// <summary>
/// Functions of one value: all 256 results of Google's interpreter at two formats.
/// </summary>
public class LitertFunctionTests
{
    [Theory]
    [InlineData("builtin", "litert-builtin")]
    [InlineData("builtin", "tflite-int8")]
    [InlineData("xnnpack", "xnnpack")]
    public void Functions_AreLiteRts(string kernels, string profile)
    {
        FunctionArithmetic whose = OneUnit.Stages(profile, "sigmoid").Functions;
        string[][] rows = [.. OneUnit.Rows("litert.csv").Where(r => r[0] == kernels)];

        Assert.Equal(22, rows.Length);
        Assert.All(rows, row =>
        {
            Func<long, (long Raw, bool Overflowed)> function = LitertFunctions.Of(
                Layer(row[1]), whose, Tensor(row[2], row[3]), Tensor(row[4], row[5]))!;
            Assert.Equal(
                row[6..].Select(long.Parse),
                Enumerable.Range(-128, 256).Select(x => function(x).Raw));
        });
    }

    /// <summary>
    /// What wraps, or is wider, or scaled out of all measure, is computed exactly.
    /// </summary>
    [Theory]
    [InlineData(8, OverflowMode.Wrap, "0.05")]
    [InlineData(16, OverflowMode.Saturate, "0.05")]
    [InlineData(8, OverflowMode.Saturate, "1e-9")]
    public void Functions_OfOtherFormats_AreExact(int bits, Enum overflow, string step)
    {
        QuantizedTensor output = Tensor(step, "0");
        output = output with
        {
            Type = output.Type with { Bits = bits },
            Format = output.Format with { Overflow = (OverflowMode)overflow },
        };

        Assert.Null(LitertFunctions.Of(
            Layer("tanh"), FunctionArithmetic.Litert, Tensor("0.05", "0"), output));
    }

    /// <summary>A slope whose products have more bits than LiteRT's is computed exactly.</summary>
    [Theory]
    [InlineData(FunctionArithmetic.Litert)]
    [InlineData(FunctionArithmetic.Xnnpack)]
    public void LeakyRelu_OfAnEnormousSlope_IsExact(Enum whose) => Assert.Null(LitertFunctions.Of(
        Layer("leaky_relu:1e30"), (FunctionArithmetic)whose, Tensor("0.05", "0"),
        Tensor("0.05", "0")));

    private static FloatLayer Layer(string name) => name.Split(':') switch
    {
        ["leaky_relu", var slope] => Point(
            PointFunction.LeakyRelu, float.Parse(slope, CultureInfo.InvariantCulture)),
        ["hard_swish"] => Point(PointFunction.HardSwish),
        ["abs"] => Point(PointFunction.Abs),
        ["relu"] => new ReluLayer("f", [0]),
        ["relu6"] => Point(PointFunction.Clip, 0, 6),
        ["sigmoid"] => new SigmoidLayer("f", [0]),
        ["tanh"] => new TanhLayer("f", [0]),
        ["elu"] => Point(PointFunction.Elu, 1),
        ["gelu"] => Point(PointFunction.Gelu),
        ["gelu_tanh"] => Point(PointFunction.GeluTanh),
        _ => throw new ArgumentException(name, nameof(name)),
    };

    private static PointLayer Point(PointFunction function, double a = 0, double b = 0) =>
        new("f", [0], function, a, b);

    private static QuantizedTensor Tensor(string step, string zero) => OneUnit.Tensor(
        OneUnit.Stages("tflite-int8", "conv2d"), 1,
        TensorScale.Real(
            OneUnit.Real(step), int.Parse(zero, CultureInfo.InvariantCulture)));
}
