using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Elementwise;

/// <summary>Integers as float32 numbers, in the processor's own.</summary>
internal sealed unsafe class FloatDequantizeStep<T>(FloatDequantizeLayer layer, StepPlace place)
    : Step
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly float _step = OrderedFloat.Value(layer.Scale.Step);

    public override void Run(Workspace workspace, ImageBlock block)
    {
        T* from = workspace.Tensor<T>(layer.Inputs[0], block.Images);
        long* to = workspace.Tensor<long>(place.OutputTensor, block.Images);
        Door.Needs(place.Inputs[0].Length == place.Output.Length);
        long count = (long)block.Images * place.Output.Length;
        long zero = layer.Scale.Zero - place.Inputs[0].Offset;
        for (long i = 0; i < count; i++)
        {
            long steps = long.CreateTruncating(from[i]) - zero;
            float number = steps * _step;
            to[i] = steps == 0 ? 0
                : DynamicNumbers.IsSure(number) ? OrderedFloat.Of(number)
                : layer.Scale.Number(steps + layer.Scale.Zero);
        }
    }
}

/// <summary>
/// float32 numbers to integers, in the processor's own: a quotient that has fewer bits than the
/// others is 0 either way, and one that is infinite is fitted. Counts no events.
/// </summary>
internal sealed unsafe class FloatQuantizeStep<T>(FloatQuantizeLayer layer, StepPlace place) : Step
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly float _step = OrderedFloat.Value(layer.Scale.Step);

    public override void Run(Workspace workspace, ImageBlock block)
    {
        long* from = workspace.Tensor<long>(layer.Inputs[0], block.Images);
        T* to = workspace.Tensor<T>(place.OutputTensor, block.Images);
        Door.Needs(place.Inputs[0].Length == place.Output.Length);
        long count = (long)block.Images * place.Output.Length;
        TensorType type = place.Output.Type;
        float low = type.MinRaw - layer.Scale.Zero, high = type.MaxRaw - layer.Scale.Zero;
        int stored = (int)(layer.Scale.Zero - place.Output.Offset);
        for (long i = 0; i < count; i++)
        {
            float nearest = MathF.Round(OrderedFloat.Value(from[i]) / _step);
            to[i] = T.CreateTruncating((int)Math.Clamp(nearest, low, high) + stored);
        }
    }
}
