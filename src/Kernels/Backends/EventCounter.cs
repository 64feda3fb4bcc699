using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends;

/// <summary>
/// Counts the events of one layer, one <see cref="Record"/> per output element and stage. Not safe
/// for several threads: give each its own and <see cref="Merge"/> them.
/// </summary>
internal sealed class EventCounter
{
    private readonly string _layer;
    private readonly ImmutableArray<EventStage> _stages;
    private readonly long[][] _overflowed;
    private readonly long[][] _inexact;
    private readonly ElementAddress?[] _first;

    /// <summary>All counts zero: one per stage of the layer and output channel.</summary>
    public EventCounter(ProgramLayer layer)
    {
        _layer = layer.Name;
        _stages = layer.EventStages;
        _overflowed = [.. _stages.Select(_ => new long[layer.Output.Shape.Channels])];
        _inexact = [.. _stages.Select(_ => new long[layer.Output.Shape.Channels])];
        _first = new ElementAddress?[_stages.Length];
    }

    /// <summary>Counts what one output element met at one stage.</summary>
    public void Record(EventStage stage, ElementAddress element, ConversionEvents events)
    {
        if (events == ConversionEvents.None) return;
        int row = _stages.IndexOf(stage);
        if (events.HasFlag(ConversionEvents.Inexact)) _inexact[row][element.Channel]++;
        if (!events.HasFlag(ConversionEvents.Overflowed)) return;
        _overflowed[row][element.Channel]++;
        KeepFirst(row, element);
    }

    /// <summary>Counts many elements of one channel at once.</summary>
    /// <param name="stage">Which stage.</param>
    /// <param name="channel">Their channel.</param>
    /// <param name="overflowed">How many overflowed.</param>
    /// <param name="inexact">How many lost a set bit.</param>
    /// <param name="first">The first of them that overflowed, if any.</param>
    public void Add(
        EventStage stage, int channel, long overflowed, long inexact, ElementAddress? first)
    {
        int row = _stages.IndexOf(stage);
        _overflowed[row][channel] += overflowed;
        _inexact[row][channel] += inexact;
        if (first is { } element) KeepFirst(row, element);
    }

    /// <summary>Counts many elements of neighbouring channels at once.</summary>
    /// <param name="stage">Which stage.</param>
    /// <param name="firstChannel">The first channel.</param>
    /// <param name="overflowed">How many overflowed, per channel.</param>
    /// <param name="inexact">How many lost a set bit, per channel.</param>
    public void Add(
        EventStage stage, int firstChannel, ReadOnlySpan<int> overflowed, ReadOnlySpan<int> inexact)
    {
        int row = _stages.IndexOf(stage);
        Span<long> allOverflowed = _overflowed[row].AsSpan(firstChannel, overflowed.Length);
        Span<long> allInexact = _inexact[row].AsSpan(firstChannel, inexact.Length);
        for (int i = 0; i < overflowed.Length; i++)
        {
            allOverflowed[i] += overflowed[i];
            allInexact[i] += inexact[i];
        }
    }

    /// <summary>
    /// True when an overflow in an image may be the first, as far as is known here.
    /// </summary>
    public bool MayBeFirst(EventStage stage, long image) =>
        _first[_stages.IndexOf(stage)] is not { } first || image <= first.Image;

    /// <summary>Adds the counts of another counter of the same layer.</summary>
    public void Merge(EventCounter other)
    {
        for (int row = 0; row < _stages.Length; row++)
        {
            for (int channel = 0; channel < _overflowed[row].Length; channel++)
            {
                _overflowed[row][channel] += other._overflowed[row][channel];
                _inexact[row][channel] += other._inexact[row][channel];
            }

            if (other._first[row] is { } element) KeepFirst(row, element);
        }
    }

    /// <summary>What was counted so far.</summary>
    public LayerEvents ToEvents() =>
        new(
            _layer,
            [
                .. _stages.Select(
                    (s, row) => new StageEvents(s, _overflowed[row], _inexact[row], _first[row])),
            ]
        );

    private void KeepFirst(int row, ElementAddress element)
    {
        if (_first[row] is not { } first || element.CompareTo(first) < 0) _first[row] = element;
    }
}
