using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>
/// <c>((acc * Scale + a) &gt;&gt; Shift) + ZeroPoint</c>, clamped and perhaps wrapped, where every intermediate fits
/// 32 bits: one vector of channels down all columns, its constants in registers. Runs that collect events take
/// the scalar way.
/// </summary>
internal sealed unsafe class IntOutput : OutputStage<int>
{
    private readonly MacShape _shape;
    private readonly StepPlace _place;
    private readonly OutputStage<int> _withEvents;
    private readonly OutputConstants<int> _constants;
    private readonly VectorConversion<int> _rounding;
    private readonly bool _spills;

    public IntOutput(
        MacShape shape, StepPlace place, OutputScaling scaling, Requantization[] channels, OutputStage<int> withEvents)
    {
        (_shape, _place, _withEvents) = (shape, place, withEvents);
        _constants = new(scaling.First.Scales, channels);
        _rounding = new(new ConversionSpec(scaling.First.Shift, 1, 0, 0, scaling.First.Mode, OverflowMode.Wrap));
        _spills = shape.Groups == 1;
    }

    public override void Run(Workspace workspace, in OutputTile<int> tile)
    {
        if (tile.Block.CollectEvents)
        {
            _withEvents.Run(workspace, tile);
            return;
        }

        // The last vector first: what it writes too much is the next column's first channels, written after it.
        int lanes = Vector<short>.Count;
        for (int lane = (_shape.GroupChannels - 1) / lanes * lanes; lane >= 0; lane -= lanes)
        {
            bool whole = _spills || lane + lanes <= _shape.GroupChannels;
            Run(workspace, tile, lane, whole ? lanes : _shape.GroupChannels - lane);
        }
    }

    private void Run(Workspace workspace, in OutputTile<int> tile, int lane, int width)
    {
        int channel = (tile.Group * _shape.GroupChannels) + lane;
        short* to = (short*)workspace.Tensor(_place.OutputTensor) + ((long)tile.First * _shape.Channels) + channel;
        int stride = tile.Stride, channels = _shape.Channels, shift = _rounding.Spec.Shift;
        int* from = tile.Accumulators + lane;
        int* end = from + (tile.Columns * stride);

        int half = channel + Vector<int>.Count;
        Vector<int> scaleA = _constants.Scale(channel), scaleB = _constants.Scale(half);
        Vector<int> zeroA = _constants.ZeroPoint(channel), zeroB = _constants.ZeroPoint(half);
        Vector<int> leastA = _constants.Lowest(channel), leastB = _constants.Lowest(half);
        Vector<int> mostA = _constants.Highest(channel), mostB = _constants.Highest(half);
        Vector<int> addend = _rounding.Addends, offset = new((int)_place.Output.Offset);
        bool scales = _constants.HasScales, looks = _rounding.LooksAtValue, wraps = _constants.Wraps;
        for (; from < end; from += stride, to += channels)
        {
            Vector<int> a = Vector.Load(from), b = Vector.Load(from + Vector<int>.Count);
            if (scales) (a, b) = (a * scaleA, b * scaleB);
            (a, b) = looks
                ? (AnyRounding.Round(a, _rounding), AnyRounding.Round(b, _rounding))
                : ((a + addend) >> shift, (b + addend) >> shift);
            a = Vector.Min(Vector.Max(a + zeroA, leastA), mostA);
            b = Vector.Min(Vector.Max(b + zeroB, leastB), mostB);
            if (wraps) (a, b) = (_constants.Wrap(a), _constants.Wrap(b));
            Store(Vector.Narrow(a - offset, b - offset), to, width);
        }
    }

    private static void Store(Vector<short> outputs, short* to, int width)
    {
        if (width == Vector<short>.Count) outputs.Store(to);
        else for (int i = 0; i < width; i++) to[i] = outputs[i];
    }
}
