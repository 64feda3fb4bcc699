using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Quantization;

public class DequantizationTests
{
    [Theory]
    [InlineData(8, true, 0.0123, -3)]
    [InlineData(16, true, 1.0 / 3, 100)]
    [InlineData(16, false, 1.0 / 1024, 65535)]
    [InlineData(24, true, 1e-30, 0)]
    public void Read_AnyStart_IsTheProductInDouble(int bits, bool isSigned, double scale, int zero)
    {
        var values = new RawValues(new(new(97), bits, isSigned, scale, zero));
        values.Resize(2);
        var random = new Random(bits);
        TensorType type = values.Type;
        long[] raw = [.. Enumerable.Range(0, 194).Select(
            _ => random.NextInt64(type.MinRaw, type.MaxRaw + 1))];
        (raw[0], raw[193]) = (type.MinRaw, type.MaxRaw);
        values.Write(raw);
        foreach (int first in new[] { 0, 1, 190 })
        {
            float[] reals = new float[194 - first];
            Dequantization.Read(values, first, reals);
            Assert.Equal(raw[first..].Select(r => (float)(scale * (r - zero))), reals);
        }
    }
}
