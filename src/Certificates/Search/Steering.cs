using QSim.Certificates.Bounds;
using QSim.Certificates.Linear;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Search;

/// <summary>
/// Improves the choices of a bound by its subgradients, at the input where it is reached; and says
/// which argument to split there. Nothing here is part of a proof.
/// </summary>
internal sealed class Steering
{
    private const int Rows = NodeBound.Rows;

    private readonly ProgramBounds _program;
    private readonly NodeBound _bound;
    private readonly double[][] _values;
    private readonly double[][] _arguments;
    private readonly long[] _corner;

    public Steering(ProgramBounds program, NodeBound bound)
    {
        (_program, _bound) = (program, bound);
        _values = [.. bound.Stages.Select(s => Room(s.Output)).Prepend(Room(bound.Input))];
        _arguments = [.. bound.Stages.Select(s => Room(s.Output))];
        _corner = new long[bound.Input.Length];
    }

    private static double[] Room(TensorBox box) => new double[Sizes.Elements(Rows, box.Length)];

    /// <summary>Follows the lines forward from the corners where bounds are reached.</summary>
    public void Follow()
    {
        for (int r = 0; r < Rows; r++)
        {
            _bound.Corner(r, _corner);
            for (int i = 0; i < _corner.Length; i++) _values[0][(i * Rows) + r] = _corner[i];
        }

        for (int k = 0; k < _arguments.Length; k++)
        {
            LayerBound layer = _program.Layers[k];
            layer.PushForward([.. layer.Layer.Inputs.Select(t => _values[t])], _arguments[k], Rows);
            FollowLayer(k);
        }
    }

    /// <summary>Moves the choices against the subgradient.</summary>
    /// <param name="rate">How far, 0..1.</param>
    public void Improve(double rate)
    {
        for (int k = 0; k < _arguments.Length; k++) ImproveShares(k, rate);
        for (int n = 0; n < _bound.Limits.Count; n++)
        {
            (int layer, int output, Interval limit) = _bound.Limits[n];
            (double[] upper, double[] lower) = _bound.Multiples[n];
            Stage stage = _bound.Stages[layer];
            double width = Math.Max(1, (double)limit.High - limit.Low),
                steep = Math.Max(1, (double)stage.Output.High[output] - stage.Output.Low[output])
                    / width;
            for (int r = 0; r < Rows; r++)
            {
                int at = (output * Rows) + r;
                double scale = steep * Math.Max(
                    Math.Abs(_bound.Terms.Values[layer]![at]), 1e-3);
                double argument = _arguments[layer][at];
                upper[r] = Math.Max(0, upper[r] - Move(limit.High - argument));
                lower[r] = Math.Max(0, lower[r] - Move(argument - limit.Low));

                double Move(double gradient) => rate * scale * Math.Clamp(gradient / width, -1, 1);
            }
        }
    }

    /// <summary>
    /// The argument whose lines leave the leading form most where the bound is reached, and the
    /// first value of its upper half; null where none leaves anything.
    /// </summary>
    public (int Layer, int Output, long At)? Split()
    {
        (int Layer, int Output)? worst = null;
        double most = 1e-6;
        for (int k = 0; k < _arguments.Length; k++)
        {
            Stage stage = _bound.Stages[k];
            for (int i = 0; i < stage.Output.Length; i++)
            {
                if (!stage.IsLinked[i] || stage.Function(i) is null || stage.Output[i].IsPoint)
                    continue;
                double leaves = Leaves(k, i);
                if (leaves <= most) continue;
                (worst, most) = ((k, i), leaves);
            }
        }

        return worst is { } w && SplitPoint(w.Layer, w.Output) is { } at
            ? (w.Layer, w.Output, at)
            : null;
    }

    private void FollowLayer(int k)
    {
        Stage stage = _bound.Stages[k];
        LinePair[] lines = _bound.LinesOf(k), others = _bound.Terms.Others[k]!;
        for (int i = 0; i < lines.Length; i++)
        {
            for (int r = 0; r < Rows; r++)
            {
                int at = (i * Rows) + r;
                _arguments[k][at] += stage.Constant[i];
                double x = _arguments[k][at];
                bool rises = _bound.Terms.Values[k]![at] > 0;
                double share = (rises ? _bound.Terms.HighShares : _bound.Terms.LowShares)[k]![at];
                (Line one, Line two) = rises
                    ? (lines[i].High, others[i].High)
                    : (lines[i].Low, others[i].Low);
                _values[k + 1][at] = ((1 - share) * ((one.Slope * x) + one.Offset))
                    + (share * ((two.Slope * x) + two.Offset));
            }
        }
    }

    private void ImproveShares(int k, double rate)
    {
        LinePair[] lines = _bound.LinesOf(k), others = _bound.Terms.Others[k]!;
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i] == others[i]) continue;
            for (int r = 0; r < Rows; r++)
            {
                int at = (i * Rows) + r;
                double value = _bound.Terms.Values[k]![at], x = _arguments[k][at];
                if (value == 0) continue;
                (Line one, Line two) = value > 0
                    ? (lines[i].High, others[i].High)
                    : (lines[i].Low, others[i].Low);
                double gap = ((two.Slope - one.Slope) * x) + two.Offset - one.Offset;
                double gradient = Math.Sign(value) * gap
                    / Math.Max(1, (double)_bound.Stages[k].Output.High[i]
                        - _bound.Stages[k].Output.Low[i]);
                double[] shares = value > 0
                    ? _bound.Terms.HighShares[k]!
                    : _bound.Terms.LowShares[k]!;
                shares[at] = Math.Clamp(
                    shares[at] - (rate * Math.Clamp(4 * gradient, -1, 1)), 0, 1);
            }
        }
    }

    private double Leaves(int k, int i)
    {
        int at = (i * Rows) + _bound.Leading;
        double value = _bound.Terms.Values[k]![at];
        if (value == 0) return 0;
        Interval argument = _bound.Stages[k].Argument[i];
        double x = Math.Clamp(_arguments[k][at], argument.Low, argument.High);
        double exact = _bound.Stages[k].Function(i)!.Apply((long)Math.Round(x));
        return Math.Abs(value * (_values[k + 1][at] - exact));
    }

    /// <summary>
    /// The step at which the line in use is furthest from the function, near the argument at hand
    /// where several are about as far.
    /// </summary>
    private long? SplitPoint(int k, int i)
    {
        int at = (i * Rows) + _bound.Leading;
        Stage stage = _bound.Stages[k];
        Interval argument = stage.Argument[i];
        Span<long> room = stackalloc long[Corners.Room];
        var corners = new Corners(stage.Function(i)!, room);
        if (!corners.Find(argument)) return null;
        bool rises = _bound.Terms.Values[k]![at] > 0;
        Line line = rises ? _bound.LinesOf(k)[i].High : _bound.LinesOf(k)[i].Low;
        long? best = null;
        double most = double.NegativeInfinity;
        double width = Math.Max(1, (double)argument.High - argument.Low);
        for (int c = 1; c < corners.Count; c++)
        {
            long x = corners.X(c);
            if (x == argument.Low || corners.X(c - 1) == x) continue;
            double distance = Math.Max(
                Distance(corners.X(c - 1), corners.High(c - 1)), Distance(x, corners.High(c)));
            double score = distance - (2 * Math.Abs(x - _arguments[k][at]) / width);
            bool isStep = corners.High(c) != corners.High(c - 1);
            if (!isStep || score <= most) continue;
            (best, most) = (x, score);
        }

        return best;

        double Distance(long x, long y) => Math.Abs((line.Slope * x) + line.Offset - y);
    }
}
