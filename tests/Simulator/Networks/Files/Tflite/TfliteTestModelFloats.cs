using System.Runtime.InteropServices;

namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>How a model of float32 tensors has its weights.</summary>
internal enum FloatForm
{
    /// <summary>In float32.</summary>
    Float32,

    /// <summary>In float16, behind a DEQUANTIZE.</summary>
    Float16,

    /// <summary>In int8: those of convolutions and dense layers ("dynamic range").</summary>
    Int8Weights,
}

/// <summary>The same models with float32 tensors: what integers would stand for.</summary>
internal sealed partial class TfliteTestModel
{
    private int Real(
        int[] shape, byte type, byte[] data, float[] scales, int axis, long zero)
    {
        int inner = scales.Length == 1 ? 1 : shape.Skip(axis + 1).Aggregate(1, (n, e) => n * e);
        float[] reals =
        [
            .. Enumerable.Range(0, data.Length / (type == 2 ? 4 : 1)).Select(i =>
                scales[i / inner % scales.Length] * ((type switch
                {
                    2 => BitConverter.ToInt32(data, i * 4),
                    3 => data[i],
                    _ => (sbyte)data[i],
                }) - zero)),
        ];
        if (_floats != FloatForm.Float16)
        {
            Named(0, shape, Buffer(MemoryMarshal.AsBytes<float>(reals).ToArray()));
            return _tensors.Count - 1;
        }

        Half[] halves = [.. reals.Select(r => (Half)r)];
        Named(1, shape, Buffer(MemoryMarshal.AsBytes<Half>(halves).ToArray()));
        int constant = _tensors.Count - 1;
        Named(0, shape, 0);
        Operator(6, [constant], constant + 1, []);
        return constant + 1;
    }

    /// <summary>MAXIMUM or MINIMUM of the image and a number; null leaves the image out.</summary>
    public TestTensor BoundedBy(int code, float? bound)
    {
        Named(0, [1], Buffer(BitConverter.GetBytes(bound ?? 0)));
        int constant = _tensors.Count - 1;
        TestTensor y = Tensor(Input.Shape, 1, 0);
        Operator(code, bound is null ? [constant, -1] : [Input.Index, constant], y.Index, []);
        return y;
    }

    /// <summary>ADD of the image and a float16 constant under other extents.</summary>
    public TestTensor Halves(int[] from, int[] to)
    {
        Named(1, from, Buffer(new byte[2 * from.Aggregate(1, (n, e) => n * e)]));
        Named(0, to, 0);
        int real = _tensors.Count - 1;
        Operator(6, [real - 1], real, []);
        TestTensor y = Tensor(Input.Shape, 1, 0);
        Operator(0, [Input.Index, real], y.Index, []);
        return y;
    }
}
