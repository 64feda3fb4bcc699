using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Backends.Simd.Mac.Events;
using QSim.Kernels.Backends.Simd.Mac.Output;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Elementwise;

/// <summary>
/// The sum of 16-bit tensors at their common scale, vectors of values at a time. In 32-bit lanes
/// inputs reach that scale exactly, and events are those of the requantization.
/// </summary>
/// <typeparam name="T">The lanes that hold every intermediate: int or long.</typeparam>
internal sealed unsafe class AddStep<T> : Step
    where T : unmanaged, IBinaryInteger<T>
{
    /// <summary>The addresses of so many operands lie on the stack.</summary>
    public const int MostOperands = 64;

    private const int EventColumns = 64;

    private readonly AddLayer _layer;
    private readonly StepPlace _place;
    private readonly Operand[] _operands;
    private readonly OutputFormula<T> _formula;
    private readonly TileEvents? _events;

    public AddStep(AddLayer layer, StepPlace place, OutputScaling scaling)
    {
        _layer = layer;
        _place = place;
        _operands = [.. layer.Operands.Select((o, i) => new Operand(o, place.Inputs[i].Offset))];
        _formula = new(scaling, [layer.Requantization], place.Output.Offset);
        if (!CountsEvents) return;
        int channels = place.Shape.Channels;
        Requantization[] alike = [.. Enumerable.Repeat(layer.Requantization, channels)];
        _events = new(
            channels, place, new ScaledEvents<int>(channels, OutputScaling.Of(alike)!, alike), []);
    }

    /// <summary>Whether runs that collect events need nothing else.</summary>
    public static bool CountsEvents => typeof(T) == typeof(int);

    /// <inheritdoc/>
    public override long ScratchBytes =>
        sizeof(int) * (((long)EventColumns * _place.Shape.Channels) + (2 * Vector<int>.Count));

    public override void Run(Workspace workspace, ImageBlock block)
    {
        short* to = workspace.Tensor<short>(_place.OutputTensor, block.Images);
        short** from = stackalloc short*[MostOperands];
        FindOperands(workspace, block.Images, from);
        long count = (long)block.Images * _place.Output.Length;
        for (long i = 0; i < count; i += Vector<short>.Count)
        {
            Vector<int> low = default, high = default;
            for (int half = 0; half < 2; half++)
            {
                Vector<int> sum = Sum(from, i, half);
                if (half == 0) low = sum;
                else high = sum;
            }

            Vector.Narrow(low, high).Store(to + i);
        }

        if (block.CollectEvents && _events is not null)
            CountEvents(workspace, block, _events, from);
    }

    /// <summary>Where operands begin: asked once, for a sum reads them by vectors.</summary>
    private void FindOperands(Workspace workspace, int images, short** from)
    {
        Door.Needs(_operands.Length <= MostOperands);
        Door.Needs(_place.Inputs.All(i => i.Length == _place.Output.Length));
        for (int i = 0; i < _operands.Length; i++)
            from[i] = workspace.Tensor<short>(_layer.Inputs[i], images);
    }

    /// <summary>
    /// Sums once more, some columns at a time, as the events are counted from them.
    /// </summary>
    private void CountEvents(
        Workspace workspace, ImageBlock block, TileEvents events, short** from)
    {
        int* sums = (int*)workspace.Scratch(ScratchBytes);
        int channels = _place.Shape.Channels, columns = block.Images * _place.Shape.Positions;
        for (int first = 0; first < columns; first += EventColumns)
        {
            int count = Math.Min(EventColumns, columns - first);
            for (int i = 0; i < count * channels; i += Vector<int>.Count)
            {
                (Vector<T> exact, _) = Exact(from, ((long)first * channels) + i, 0);
                exact.As<T, int>().Store(sums + i);
            }

            events.Count(
                workspace,
                new()
                {
                    First = first,
                    Columns = count,
                    Group = 0,
                    Block = block,
                    Accumulators = sums,
                    Flags = null,
                    FlagPlane = 0,
                    Stride = channels,
                }
            );
        }
    }

    private Vector<int> Sum(short** from, long index, int half)
    {
        (Vector<T> first, Vector<T> second) = Exact(from, index, half);
        first = _formula.Apply(first, 0);
        return typeof(T) == typeof(int)
            ? first.As<T, int>()
            : Vector.Narrow(first.As<T, long>(), _formula.Apply(second, 0).As<T, long>());
    }

    /// <summary>Half of a vector of values at the common scale.</summary>
    private (Vector<T> First, Vector<T> Second) Exact(short** from, long index, int half)
    {
        Vector<T> first = default, second = default;
        for (int i = 0; i < _operands.Length; i++)
        {
            Vector.Widen(Vector.Load(from[i] + index), out Vector<int> low, out Vector<int> high);
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

        return (first, second);
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
