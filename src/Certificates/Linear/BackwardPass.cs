using System.Numerics;
using System.Runtime.InteropServices;
using QSim.Certificates.Bounds;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Linear;

/// <summary>
/// Upper bounds of linear forms of a program's values, several at once, by substituting backward to
/// the input (CROWN, Zhang et al., 2018; DeepPoly, Singh et al., 2019): where a form grows with a
/// value the value's upper line takes its place, where it falls the lower one.
/// </summary>
/// <remarks>
/// <para>Rounding. Coefficients are doubles, and a form is exact in them: what is bounded is the
/// form with these very numbers. New coefficients are sums of at most N products, each off by no
/// more than N * 2^-53 of its terms' absolute sum, in whatever order they are added (Higham,
/// Accuracy and Stability of Numerical Algorithms, section 3.1); times the largest value that each
/// input has, that is N * 2^-53 * |coefficient| * magnitude, where a stage's magnitude is the
/// absolute sum of its terms over the box. Constants are sums of the same kind. All these absolute
/// terms are added up beside the bound, and twice N * 2^-53 of them is the slack.</para>
/// <para>Numbers so small that they are rounded absolutely, below 2^-1022, come to less than the
/// 2^-900 that is added as well.</para>
/// </remarks>
internal sealed class BackwardPass
{
    private readonly IReadOnlyList<LayerBound> _layers;
    private readonly double _relativeError;
    private readonly TensorBox _input;
    private readonly double[]?[] _coefficients;
    private readonly bool[] _isUsed;
    private Stage[] _stages = [];
    private LinePair[][] _lines = [];

    /// <param name="layers">What is known of the program's layers.</param>
    /// <param name="relativeError">Twice N * 2^-53.</param>
    /// <param name="input">The box of inputs.</param>
    /// <param name="rows">How many forms; a multiple of a vector's length.</param>
    public BackwardPass(
        IReadOnlyList<LayerBound> layers, double relativeError, TensorBox input, int rows)
    {
        (_layers, _relativeError, _input, Rows) = (layers, relativeError, input, rows);
        _coefficients = new double[]?[layers.Count + 1];
        _isUsed = new bool[_coefficients.Length];
        (Constant, Absolute) = (new double[rows], new double[rows]);
        Gaps = new double[layers.Count];
    }

    /// <summary>How many forms there are.</summary>
    public int Rows { get; }

    /// <summary>Each form's constant.</summary>
    public double[] Constant { get; }

    /// <summary>Absolute terms of each form, for the slack.</summary>
    public double[] Absolute { get; }

    /// <summary>By layer, what the distance of lines and planes adds to the first form.</summary>
    public double[] Gaps { get; }

    /// <summary>The first form's coefficients of the input, after a run.</summary>
    public double InputCoefficient(int input, int row) => _coefficients[0]![(input * Rows) + row];

    /// <summary>What a search adds to lines, row by row; null for nothing.</summary>
    public RowTerms? Terms { get; set; }

    /// <summary>What inputs of the box have in common; null where any input will do.</summary>
    public InputBall? Ball { get; set; }

    /// <summary>Starts anew, with what is known so far.</summary>
    public void Begin(TensorBox input, Stage[] stages, LinePair[][] lines)
    {
        (_stages, _lines) = (stages, lines);
        input.Low.CopyTo(_input.Low, 0);
        input.High.CopyTo(_input.High, 0);
        Array.Clear(_isUsed);
        Array.Clear(Constant);
        Array.Clear(Absolute);
        Array.Clear(Gaps);
    }

    /// <summary>The box of a tensor.</summary>
    public TensorBox Box(int tensor) => tensor == 0 ? _input : _stages[tensor - 1].Output;

    /// <summary>The coefficients of a tensor, [value][row], zero where nothing was added.</summary>
    public double[] Of(int tensor)
    {
        int length = Sizes.Elements(Rows, Box(tensor).Length);
        double[] coefficients = _coefficients[tensor] ??= new double[length];
        if (_isUsed[tensor]) return coefficients;
        _isUsed[tensor] = true;
        Array.Clear(coefficients);
        return coefficients;
    }

    /// <summary>Adds to forms of a layer's arguments what they come to in its inputs.</summary>
    /// <param name="layer">Index of the layer.</param>
    /// <param name="arguments">Coefficients, [output][row].</param>
    public void AddArguments(int layer, double[] arguments)
    {
        Stage stage = _stages[layer];
        var live = new bool[stage.Output.Length];
        for (int i = 0; i < live.Length; i++)
        {
            Span<double> row = arguments.AsSpan(i * Rows, Rows);
            live[i] = row.ContainsAnyExcept(0.0) && Link(stage, i, row);
            if (!live[i] || row[0] == 0) continue;
            Gaps[layer] += Math.Abs(row[0])
                * (stage.Down[i] + stage.Up[i] + _layers[layer].Gap(this, i));
        }

        _layers[layer].PushBack(this, arguments, live);
    }

    /// <summary>Substitutes from a tensor back to the input.</summary>
    /// <param name="last">The last tensor that may have coefficients.</param>
    /// <returns>The least bound that is proved for each form.</returns>
    public double[] Run(int last)
    {
        for (int tensor = last; tensor > 0; tensor--)
        {
            if (Terms?.Has(tensor - 1) == true) Of(tensor);
            if (!_isUsed[tensor]) continue;
            if (Terms is null) Substitute(tensor);
            else Terms.Substitute(this, _stages[tensor - 1], _lines[tensor - 1], tensor - 1);
            AddArguments(tensor - 1, _coefficients[tensor]!);
        }

        if (Ball is null) AddInput();
        else AddBall(Ball);
        var bounds = new double[Rows];
        for (int row = 0; row < Rows; row++)
        {
            double slack = (Absolute[row] * _relativeError) + Math.ScaleB(1, -900);
            bounds[row] = Math.BitIncrement(Constant[row] + slack);
        }

        return bounds;
    }

    /// <summary>Values of a tensor become arguments, by their lines.</summary>
    private void Substitute(int tensor)
    {
        LinePair[] lines = _lines[tensor - 1];
        TensorBox arguments = _stages[tensor - 1].Argument;
        Span<Vector<double>> constant = Vectors(Constant), absolute = Vectors(Absolute);
        for (int i = 0; i < lines.Length; i++)
        {
            Span<double> row = _coefficients[tensor].AsSpan(i * Rows, Rows);
            if (!row.ContainsAnyExcept(0.0)) continue;
            (Line low, Line high) = (lines[i].Low, lines[i].High);
            Gaps[tensor - 1] += Math.Abs(row[0])
                * lines[i].GapAt((arguments.Low[i] + (double)arguments.High[i]) / 2);
            double largest = Math.Max(Math.Abs(low.Offset), Math.Abs(high.Offset));
            Span<Vector<double>> values = MemoryMarshal.Cast<double, Vector<double>>(row);
            for (int v = 0; v < values.Length; v++)
            {
                Vector<double> rising = Vector.Max(values[v], Vector<double>.Zero),
                    falling = Vector.Min(values[v], Vector<double>.Zero);
                constant[v] += (rising * high.Offset) + (falling * low.Offset);
                absolute[v] += (rising - falling) * largest;
                values[v] = (rising * high.Slope) + (falling * low.Slope);
            }
        }
    }

    /// <summary>
    /// What keeps an argument from its form: constants and slack. False, with nothing left, where
    /// it follows no form; lines of such arguments are flat, and forms of them never asked for.
    /// </summary>
    private bool Link(Stage stage, int i, Span<double> row)
    {
        if (!stage.IsLinked[i]) throw new InvalidOperationException("an argument without a form");
        (double fixedPart, double up, double down) =
            (stage.Constant[i], stage.Up[i], stage.Down[i]);
        double size = stage.Magnitude[i] + Math.Abs(fixedPart) + up + down;
        Span<Vector<double>> values = MemoryMarshal.Cast<double, Vector<double>>(row),
            constant = Vectors(Constant), absolute = Vectors(Absolute);
        for (int v = 0; v < values.Length; v++)
        {
            Vector<double> rising = Vector.Max(values[v], Vector<double>.Zero),
                falling = Vector.Min(values[v], Vector<double>.Zero);
            constant[v] += (values[v] * fixedPart) + (rising * up) - (falling * down);
            absolute[v] += (rising - falling) * size;
        }

        return true;
    }

    private void AddInput()
    {
        double[] coefficients = Of(0);
        Span<Vector<double>> constant = Vectors(Constant), absolute = Vectors(Absolute);
        for (int i = 0; i < _input.Length; i++)
        {
            (double low, double high) = (_input.Low[i], _input.High[i]);
            double largest = Math.Max(Math.Abs(low), Math.Abs(high));
            Span<Vector<double>> values = MemoryMarshal.Cast<double, Vector<double>>(
                coefficients.AsSpan(i * Rows, Rows));
            for (int v = 0; v < values.Length; v++)
            {
                Vector<double> rising = Vector.Max(values[v], Vector<double>.Zero),
                    falling = Vector.Min(values[v], Vector<double>.Zero);
                constant[v] += (rising * high) + (falling * low);
                absolute[v] += (rising - falling) * largest;
            }
        }
    }

    /// <summary>The image itself, and the most that changes within the ball add.</summary>
    private void AddBall(InputBall ball)
    {
        double[] coefficients = Of(0);
        var row = new double[_input.Length];
        for (int r = 0; r < Rows; r++)
        {
            for (int i = 0; i < row.Length; i++)
            {
                double c = row[i] = coefficients[(i * Rows) + r];
                Constant[r] += c * ball.Centre[i];
                Absolute[r] += Math.Abs(c) * Math.Max(
                    Math.Abs((double)_input.Low[i]), Math.Abs((double)_input.High[i]));
            }

            double most = ball.Most(row);
            Constant[r] += most;
            Absolute[r] += most;
        }
    }

    private static Span<Vector<double>> Vectors(double[] values) =>
        MemoryMarshal.Cast<double, Vector<double>>(values.AsSpan());
}
