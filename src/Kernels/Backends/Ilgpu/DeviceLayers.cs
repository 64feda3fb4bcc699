using QSim.Kernels.Backends.Ilgpu.General;
using QSim.Kernels.Backends.Ilgpu.Packed;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>Which layers devices have kernels for, and which.</summary>
internal static class DeviceLayers
{
    /// <summary>True for layers that some kernel is written for.</summary>
    public static bool Knows(ProgramLayer layer) =>
        layer
            is MacLayer
                or MaxPoolLayer
                or AveragePoolLayer
                or ClampLayer
                or ReshapeLayer
                or LookupLayer
                or SoftmaxLayer
                or AddLayer
                or ConcatLayer
                or RearrangeLayer
                or MultiplyLayer
                or RangeLayer
                or DynamicQuantizeLayer
                or DynamicRescaleLayer
                or FloatDequantizeLayer
                or FloatQuantizeLayer
                or FloatAddLayer
                or FloatMultiplyLayer
                or FloatDivideLayer
                or FloatAffineLayer
                or FloatPointLayer
                or FloatAverageLayer
                or FloatSoftmaxLayer
                or FloatNormLayer
                or FloatMacLayer
                or FloatResizeLayer
                or ResizeLayer
                or FloatProductSumLayer;

    /// <summary>Uploads a layer's constants; null for a reshape, which computes nothing.</summary>
    public static DeviceLayer? Upload(QuantizedProgram program, int index, DeviceSession session) =>
        program.Layers[index] switch
        {
            MacLayer mac when PackedPlan.Of(mac) is { } plan =>
                new PackedDeviceLayer(mac, plan, PooledBy(program, index), session),
            MacLayer mac => new MacDeviceLayer(mac, session),
            MaxPoolLayer pool => new MaxPoolDeviceLayer(pool, session),
            AveragePoolLayer pool => new AveragePoolDeviceLayer(pool, session),
            ClampLayer clamp => new ClampDeviceLayer(clamp, session),
            LookupLayer lookup => new LookupDeviceLayer(lookup, session),
            SoftmaxLayer softmax => new SoftmaxDeviceLayer(softmax, session),
            AddLayer add => new AddDeviceLayer(add, program, session),
            ConcatLayer concat => new ConcatDeviceLayer(concat, program, session),
            RearrangeLayer moved => new RearrangeDeviceLayer(moved, session),
            MultiplyLayer product => new MultiplyDeviceLayer(product, program, session),
            RangeLayer range => new RangeDeviceLayer(range, program, session),
            DynamicQuantizeLayer quantize => new DynamicQuantizeDeviceLayer(quantize, session),
            DynamicRescaleLayer rescale => new DynamicRescaleDeviceLayer(
                rescale, program, session),
            FloatDequantizeLayer numbers => new FloatDequantizeDeviceLayer(
                numbers, program, session),
            FloatQuantizeLayer integers => new FloatQuantizeDeviceLayer(integers, session),
            FloatAddLayer add => new FloatAddDeviceLayer(add, session),
            FloatMultiplyLayer product => new FloatMultiplyDeviceLayer(product, session),
            FloatDivideLayer quotient => new FloatDivideDeviceLayer(quotient, session),
            FloatAffineLayer affine => new FloatAffineDeviceLayer(affine, session),
            FloatPointLayer function => new FloatPointDeviceLayer(function, session),
            FloatAverageLayer average => new FloatAverageDeviceLayer(average, session),
            FloatSoftmaxLayer softmax => new FloatSoftmaxDeviceLayer(softmax, session),
            FloatNormLayer norm => new FloatNormDeviceLayer(norm, session),
            FloatMacLayer mac => new FloatMacDeviceLayer(mac, session),
            FloatResizeLayer resize => new FloatResizeDeviceLayer(resize, session),
            ResizeLayer resize => new ResizeDeviceLayer(resize, session),
            FloatProductSumLayer sums => new FloatProductSumDeviceLayer(sums, session),
            ReshapeLayer => null,
            var other => throw UnknownLayer.Of(other, "no kernel"),
        };

    /// <summary>
    /// The max pooling that comes next, alone reads the layer, and reads no value twice; null
    /// where there is none.
    /// </summary>
    private static MaxPoolLayer? PooledBy(QuantizedProgram program, int index)
    {
        if (index + 1 >= program.Layers.Length
            || program.Layers[index + 1] is not MaxPoolLayer pool) return null;
        WindowGeometry window = pool.Geometry;
        bool readsIt = pool.Inputs[0] == index + 1;
        bool alone = program.Layers.Count(l => l.Inputs.Contains(index + 1)) == 1;
        bool readsOnce = window.StrideRows > (window.KernelRows - 1) * window.DilationRows
            && window.StrideColumns > (window.KernelColumns - 1) * window.DilationColumns;
        return readsIt && alone && readsOnce ? pool : null;
    }
}
