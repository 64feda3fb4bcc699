using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Datapath;

/// <summary>Functions of float32 numbers: as kernels and as processors compute them.</summary>
public class FloatFunctionTests
{
    private const int Numbers = 40_000;

    public static TheoryData<string> Functions() => [.. Enum.GetNames<FloatFunction>()];

    /// <summary>The same bits, or no number where the processor's own is not sure.</summary>
    [Theory]
    [MemberData(nameof(Functions))]
    public void Fast_NumbersOfEverySize_IsTheKernelsOrNone(string name)
    {
        FloatFunction function = Enum.Parse<FloatFunction>(name);
        const float A = 0.73f, B = 0.21f;
        int known = 0;
        foreach (float x in Inputs(1))
        {
            float fast = FloatFunctions.Fast(function, A, B, x);
            if (float.IsNaN(fast)) continue;
            known++;
            Assert.Equal(
                FloatFunctions.Value(
                    function, OrderedFloat.Of(A), OrderedFloat.Of(B), OrderedFloat.Of(x)),
                OrderedFloat.Of(fast));
        }

        Assert.InRange(known, Numbers / 2, Numbers);
    }

    /// <summary>Near the same function in float64: no constant is another's.</summary>
    [Theory]
    [InlineData("Sigmoid")]
    [InlineData("Tanh")]
    [InlineData("Elu")]
    [InlineData("GeluTanh")]
    public void Value_UsualNumbers_IsNearTheFunction(string name)
    {
        FloatFunction function = Enum.Parse<FloatFunction>(name);
        for (int i = -80; i <= 80; i++)
        {
            float x = i / 10f;
            double wanted = function switch
            {
                FloatFunction.Sigmoid => 1 / (1 + Math.Exp(-x)),
                FloatFunction.Tanh => Math.Tanh(x),
                FloatFunction.Elu => x < 0 ? Math.Exp(x) - 1 : x,
                _ => x / 2.0 * (1 + Math.Tanh(
                    Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
            };
            Assert.Equal(
                wanted,
                OrderedFloat.Value(FloatFunctions.Value(
                    function, OrderedFloat.Of(1), 0, OrderedFloat.Of(x))),
                1e-6);
        }
    }

    /// <summary>ONNX Runtime's polynomials pass 1 by a bit, and nothing cuts that off.</summary>
    [Fact]
    public void Value_SigmoidNearItsEnd_IsABitAboveOne()
    {
        Assert.Equal(1.0000001f, Of(FloatFunction.Sigmoid, 17.482065f));
        Assert.Equal(1.0000001f, FloatFunctions.Fast(FloatFunction.Sigmoid, 0, 0, 17.482065f));
        Assert.Equal(0, Of(FloatFunction.Sigmoid, -30));
    }

    /// <summary>Abramowitz and Stegun, table 7.1; Gelu is made of it.</summary>
    [Theory]
    [InlineData(0.1f, 0.1124629160)]
    [InlineData(0.9f, 0.7969082124)]
    [InlineData(0.94f, 0.8162710191)]
    [InlineData(1.5f, 0.9661051465)]
    [InlineData(-2f, -0.9953222650)]
    [InlineData(5f, 1.0)]
    public void Value_Erf_IsNearTheTable(float x, double wanted)
    {
        Assert.Equal(wanted, Of(FloatFunction.Erf, x), 2e-7);
        float turned = (float)(x * Math.Sqrt(2));
        Assert.Equal(turned / 2 * (1 + wanted), Of(FloatFunction.Gelu, turned), 1e-6);
    }

    /// <summary>Nothing leaves its range: widths behind it are chosen by that.</summary>
    [Theory]
    [MemberData(nameof(Functions))]
    public void OutputRange_NumbersOfOneOrBothSigns_HoldsTheFunction(string name)
    {
        FloatFunction function = Enum.Parse<FloatFunction>(name);
        var type = TensorType.Float32(new(1));
        foreach (float a in (float[])[0.7f, -0.7f])
            foreach (int sign in (int[])[-1, 0, 1])
            {
                var layer = new FloatPointLayer(
                    "f", [0], type, function, OrderedFloat.Of(a), OrderedFloat.Of(-0.1f));
                float[] inputs =
                    [.. Inputs(2).Where(x => sign == 0 || x * sign > 0).Take(2000)];
                RawRange range = layer.OutputRange(
                [
                    new(sign <= 0 ? type.MinRaw : 0, sign >= 0 ? type.MaxRaw : 0),
                ]);
                Assert.All(inputs, x => Assert.InRange(
                    FloatFunctions.Value(function, layer.A, layer.B, OrderedFloat.Of(x)),
                    range.Low, range.High));
            }
    }

    private static float Of(FloatFunction function, float x) =>
        OrderedFloat.Value(FloatFunctions.Value(function, 0, 0, OrderedFloat.Of(x)));

    private static IEnumerable<float> Inputs(int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < Numbers; i++)
        {
            float x = (random.NextSingle() - 0.5f) * (i % 4 == 0
                ? MathF.Pow(2, random.Next(-120, 120))
                : i % 4 == 1 ? 60 : 8);
            yield return x;
        }
    }
}
