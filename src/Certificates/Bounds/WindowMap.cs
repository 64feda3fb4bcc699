using QSim.Certificates.Linear;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>
/// The exact linear map of a layer with windows: <c>sum = scale * (weights over the window of raw
/// inputs)</c>, padding left out.
/// </summary>
internal sealed class WindowMap
{
    private readonly WindowGeometry _window;
    private readonly TensorShape _from, _to;
    private readonly bool _isPool;
    private readonly int[]?[] _places;

    /// <summary>The map of a multiply-accumulate layer.</summary>
    public WindowMap(MacLayer layer, double scale)
        : this(layer.Geometry, layer.Input.Shape, layer.Output.Shape, isPool: false)
    {
        Weights = [.. layer.Weights.Select(w => scale * w)];
    }

    /// <summary>The map of a pooling layer: each channel by itself, all weights one.</summary>
    public WindowMap(WindowGeometry window, TensorShape from, TensorShape to)
        : this(window, from, to, isPool: true)
    {
        Weights = [.. Enumerable.Repeat(1.0, Depth)];
    }

    private WindowMap(WindowGeometry window, TensorShape from, TensorShape to, bool isPool)
    {
        (_window, _from, _to, _isPool) = (window, from, to, isPool);
        Groups = isPool ? from.Channels : window.Groups;
        Depth = from.Channels / Groups * window.KernelRows * window.KernelColumns;
        _places = new int[]?[to.Positions];
        Weights = [];
    }

    /// <summary>Groups of channels; one for each channel of a pool.</summary>
    public int Groups { get; }

    /// <summary>Inputs of a window, padding counted.</summary>
    public int Depth { get; }

    /// <summary>
    /// Weights of each output channel as stored; of a pool, once for all channels.
    /// </summary>
    public double[] Weights { get; }

    /// <summary>The weights of an output channel.</summary>
    public ReadOnlySpan<double> WeightsOf(int channel) =>
        Weights.AsSpan(_isPool ? 0 : channel * Depth, Depth);

    /// <summary>
    /// The inputs of a window in the order in which weights are stored; -1 for padding.
    /// </summary>
    public int[] Places(int group, int position)
    {
        int[] first = _places[position] ??= First(position);
        if (group == 0) return first;
        int skip = group * (_from.Channels / Groups) * _from.Positions;
        return Array.ConvertAll(first, p => p < 0 ? p : p + skip);
    }

    /// <summary>The most outputs that one input goes into.</summary>
    public int Fan =>
        _to.Channels / Groups * Math.Min(
            _window.KernelRows * _window.KernelColumns, _to.Positions);

    /// <summary>Adds coefficients of sums to those of the inputs.</summary>
    /// <param name="into">Of the inputs, [input][row].</param>
    /// <param name="sums">Of the sums, [output][row].</param>
    /// <param name="live">Outputs with a coefficient that is not 0.</param>
    /// <param name="rows">How many rows.</param>
    public void PushBack(double[] into, double[] sums, bool[] live, int rows)
    {
        if (_to.Positions == 1 && Groups == 1 && Depth * rows == into.Length)
        {
            int[] used = [.. Enumerable.Range(0, live.Length).Where(i => live[i])];
            Axpy.AddProduct(into, Weights, sums, used, rows);
            return;
        }

        int filters = _to.Channels / Groups;
        for (int output = 0; output < live.Length; output++)
        {
            if (!live[output]) continue;
            int channel = output / _to.Positions;
            int[] places = Places(channel / filters, output % _to.Positions);
            ReadOnlySpan<double> weights = WeightsOf(channel), row = sums.AsSpan(
                output * rows, rows);
            for (int i = 0; i < places.Length; i++)
                if (places[i] >= 0 && weights[i] != 0)
                    Axpy.Add(into.AsSpan(places[i] * rows, rows), weights[i], row);
        }
    }

    /// <summary>Sums of inputs, [output][row].</summary>
    public void PushForward(double[] from, double[] sums, int rows)
    {
        Array.Clear(sums);
        int filters = _to.Channels / Groups;
        for (int output = 0; output * rows < sums.Length; output++)
        {
            int channel = output / _to.Positions;
            int[] places = Places(channel / filters, output % _to.Positions);
            ReadOnlySpan<double> weights = WeightsOf(channel);
            Span<double> row = sums.AsSpan(output * rows, rows);
            for (int i = 0; i < places.Length; i++)
                if (places[i] >= 0 && weights[i] != 0)
                    Axpy.Add(row, weights[i], from.AsSpan(places[i] * rows, rows));
        }
    }

    private int[] First(int position)
    {
        int taps = _window.KernelRows * _window.KernelColumns;
        var places = new int[Depth];
        for (int i = 0; i < places.Length; i++)
        {
            int row = _window.InputRow(
                position / _to.Columns, i % taps / _window.KernelColumns);
            int column = _window.InputColumn(
                position % _to.Columns, i % _window.KernelColumns);
            bool inside = row >= 0 && row < _from.Rows && column >= 0 && column < _from.Columns;
            places[i] = inside
                ? (((i / taps * _from.Rows) + row) * _from.Columns) + column
                : -1;
        }

        return places;
    }
}
