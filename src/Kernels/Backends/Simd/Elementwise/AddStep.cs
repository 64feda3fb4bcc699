using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Simd.Mac.Packed;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Elementwise;

/// <summary>
/// The sum of 16-bit tensors at their common scale, vectors of values at a time. Counts no events.
/// </summary>
/// <typeparam name="T">The lanes that hold every intermediate: int or long.</typeparam>
internal sealed unsafe class AddStep<T> : Step
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly AddLayer _layer;
    private readonly StepPlace _place;
    private readonly Operand[] _operands;
    private readonly OutputFormula<T> _formula;

    public AddStep(AddLayer layer, StepPlace place, OutputScaling scaling)
    {
        _layer = layer;
        _place = place;
        _operands = [.. layer.Operands.Select((o, i) => new Operand(o, place.Inputs[i].Offset))];
        _formula = new(scaling, [layer.Requantization], place.Output.Offset);
    }

    public override void Run(Workspace workspace, ImageBlock block)
    {
        short* to = (short*)workspace.Tensor(_place.OutputTensor);
        long count = (long)block.Images * _place.Output.Length;
        for (long i = 0; i < count; i += Vector<short>.Count)
        {
            Vector<int> low = default, high = default;
            for (int half = 0; half < 2; half++)
            {
                Vector<int> sum = Sum(workspace, i, half);
                if (half == 0) low = sum;
                else high = sum;
            }

            Vector.Narrow(low, high).Store(to + i);
        }
    }

    private Vector<int> Sum(Workspace workspace, long index, int half)
    {
        Vector<T> first = default, second = default;
        for (int i = 0; i < _operands.Length; i++)
        {
            short* from = (short*)workspace.Tensor(_layer.Inputs[i]) + index;
            Vector.Widen(Vector.Load(from), out Vector<int> low, out Vector<int> high);
            Vector<int> values = half == 0 ? low : high;
            if (typeof(T) == typeof(int))
            {
                first += _operands[i].Apply(values.As<int, T>());
                continue;
            }

            Vector.Widen(values, out Vector<long> lowest, out Vector<long> highest);
            first += _operands[i].Apply(lowest.As<long, T>());
            second += _operands[i].Apply(highest.As<long, T>());
        }

        first = _formula.Apply(first, 0);
        return typeof(T) == typeof(int)
            ? first.As<T, int>()
            : Vector.Narrow(first.As<T, long>(), _formula.Apply(second, 0).As<T, long>());
    }

    /// <summary><see cref="InputScaling"/> over lanes of stored values.</summary>
    private sealed class Operand(InputScaling scaling, long storedOffset)
    {
        private readonly Vector<T> _subtracted = new(
            T.CreateTruncating(scaling.ZeroPoint - storedOffset));
        private readonly Vector<T> _factor = new(T.CreateTruncating(scaling.Factor));
        private readonly RoundedScale<T>? _high = scaling.Multiplier == 0
            ? null
            : new(new([scaling.Multiplier], 31, RoundingMode.NearestTiesTowardPositive));
        private readonly RoundedScale<T>? _shift = scaling.Multiplier == 0
            ? null
            : new(new([1], scaling.MultiplierShift, RoundingMode.NearestTiesAway));

        public Vector<T> Apply(Vector<T> stored)
        {
            Vector<T> value = (stored - _subtracted) * _factor;
            return _high is null ? value : _shift!.Apply(_high.Apply(value, 0), 0);
        }
    }
}
