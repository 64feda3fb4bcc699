using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Attacks.Methods.Adaptive;

/// <summary>
/// Hardware as the coordinate search asks it: many images that differ from one in a pixel or two.
/// Where its first sums can be kept only what changes in them is computed, and the rest of the
/// program run; else all of it.
/// </summary>
internal sealed class CutProgram : IDisposable
{
    private readonly QuantizedProgram _program;
    private readonly FirstSums? _sums;
    private readonly IProgramRunner _runner;
    private readonly bool _isStochastic;
    private readonly int _threads;
    private readonly int _most;

    /// <summary>Cuts and loads.</summary>
    /// <param name="program">The hardware's.</param>
    /// <param name="isAlone">
    /// Whether no other thread is busy. Where some are, questions take one thread and no device.
    /// </param>
    /// <param name="mostElements">
    /// Inputs held at a time, 8 bytes each; of large networks only a few moves are tried together.
    /// </param>
    public CutProgram(
        QuantizedProgram program, bool isAlone = true, int mostElements = 1 << 22)
    {
        (_program, _threads) = (program, isAlone ? 0 : 1);
        _isStochastic = program.IsStochastic;
        _sums = _isStochastic ? null : FirstSums.Of(program);
        QuantizedProgram runs = _sums?.Rest ?? program;
        _runner = (isAlone ? BackendList.Best(runs) : BackendList.OnCpu(runs)).Load(runs);
        Input = new(program.Input);
        _most = Math.Max(mostElements / Length, 1);
    }

    /// <summary>Pixels to raw input.</summary>
    public InputConverter Input { get; }

    /// <summary>Whether only changes of the first sums are computed.</summary>
    public bool IsIncremental => _sums is not null;

    /// <summary>Number of logits.</summary>
    public int Classes => _program.Output.Shape.Length;

    private int Length => _sums?.Count ?? _program.Input.Type.Shape.Length;

    /// <summary>An image to move from.</summary>
    /// <param name="raw">Its raw input.</param>
    /// <param name="index">Its index in its dataset.</param>
    public Point At(ReadOnlySpan<long> raw, long index)
    {
        long[] sums = _sums?.Sums(raw) ?? [];
        long[] values = _sums is null ? raw.ToArray() : new long[_sums.Count];
        _sums?.Outputs(sums, values);
        return new(raw.ToArray(), sums, values, index);
    }

    /// <summary>Raw logits of every move, [move][class].</summary>
    /// <param name="moves">Each from a point of its own.</param>
    public long[] Try(IReadOnlyList<(Point From, Move Move)> moves) =>
        moves.Count <= _most
            ? TryTogether(moves)
            : [.. moves.Chunk(_most).SelectMany(TryTogether)];

    private long[] TryTogether(IReadOnlyList<(Point From, Move Move)> moves)
    {
        long[] inputs = new long[Sizes.Elements(moves.Count, Length)];
        void Write(int m) => Make(moves[m].From, moves[m].Move, inputs.AsSpan(m * Length, Length));
        if (_threads != 1) Parallel.For(0, moves.Count, Write);
        else for (int m = 0; m < moves.Count; m++) Write(m);
        RunOptions options = RunOptions.Default with { Threads = _threads };
        if (!_isStochastic) return _runner.Run(inputs, moves.Count, options).Outputs;
        return
        [
            .. Enumerable.Range(0, moves.Count).SelectMany(m => _runner.Run(
                inputs.AsSpan(m * Length, Length), 1,
                options with { FirstImage = moves[m].From.Index }).Outputs),
        ];
    }

    /// <summary>What runs after a move.</summary>
    private void Make(Point from, Move move, Span<long> values)
    {
        from.Values.CopyTo(values);
        if (_sums is null)
        {
            foreach ((int pixel, long to) in move.Changes) values[pixel] = to;
            return;
        }

        if (move.Changes is [var only])
        {
            _sums.Peek(from.Sums, only.Pixel, only.To - from.Raw[only.Pixel], values);
            return;
        }

        long[] sums = [.. from.Sums];
        foreach ((int pixel, long to) in move.Changes)
        {
            long change = to - from.Raw[pixel];
            _sums.Peek(sums, pixel, change, values);
            _sums.Move(sums, pixel, change);
        }
    }

    /// <summary>Moves a point.</summary>
    public void Take(Point point, Move move)
    {
        foreach ((int pixel, long to) in move.Changes)
        {
            long change = to - point.Raw[pixel];
            point.Raw[pixel] = to;
            if (_sums is null)
            {
                point.Values[pixel] = to;
                continue;
            }

            _sums.Peek(point.Sums, pixel, change, point.Values);
            _sums.Move(point.Sums, pixel, change);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _runner.Dispose();

    /// <summary>An image by its raw input, and what the rest of the program reads of it.</summary>
    /// <param name="Raw">Raw input.</param>
    /// <param name="Sums">The first layer's sums; empty where they are not kept.</param>
    /// <param name="Values">What runs: the first layer's outputs, or the raw input.</param>
    /// <param name="Index">The image's index in its dataset.</param>
    public sealed record Point(long[] Raw, long[] Sums, long[] Values, long Index);

    /// <summary>A few pixels and the raw values that they are to have.</summary>
    public readonly record struct Move((int Pixel, long To)[] Changes);
}
