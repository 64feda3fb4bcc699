using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Checking;

/// <summary>
/// Max pooling. What a pool takes is no sum of its window: forms of it are
/// <see cref="CheckedForm"/>'s own.
/// </summary>
internal sealed class CheckedMax(MaxPoolLayer pool) : CheckedLayer(pool)
{
    private readonly int[]?[] _windows = new int[pool.Output.Shape.Length][];
    private readonly int[] _before = new int[pool.Output.Shape.Length];

    /// <inheritdoc/>
    public override bool IsIdentity => true;

    /// <summary>
    /// Where a proof's numbers of an output begin: a slope for each value of a window, and a place.
    /// </summary>
    public int LinesBefore(int output)
    {
        if (output == 0) return 0;
        if (_before[^1] == 0)
            for (int i = 1; i < _before.Length; i++)
                _before[i] = _before[i - 1] + Window(i - 1).Length + 1;
        return _before[output];
    }

    /// <summary>Where the values of an output's window are, padding left out.</summary>
    public int[] Window(int output) => _windows[output] ??= CheckedWindow.OfPool(
        pool.Geometry, pool.Input.Shape, pool.Output.Shape, output);

    /// <inheritdoc/>
    public override CheckedArgument Argument(int output, CheckedBoxes boxes)
    {
        int[] window = Window(output);
        return new(
            window.Max(p => boxes.Low[pool.Inputs[0]][p]),
            window.Max(p => boxes.High[pool.Inputs[0]][p]));
    }

    /// <inheritdoc/>
    public override void Add(CheckedForm form, int output, Int128 multiple) =>
        throw new CheckException($"layer '{Layer.Name}': a maximum is not a linear form");
}

/// <summary>Average pooling: a sum, then its mean.</summary>
internal sealed class CheckedAverage(AveragePoolLayer pool) : CheckedLayer(pool)
{
    private readonly int[]?[] _windows = new int[pool.Output.Shape.Length][];

    /// <inheritdoc/>
    public override string? WhyNot =>
        pool.Unit.Real.IsUsed != 0
            ? $"layer '{Layer.Name}' adds up in float32, which the checker does not follow"
        : pool.Unit.HasRegister != 0 && pool.Unit.Register.Shift != 0
            ? $"layer '{Layer.Name}' rounds before its accumulator is full"
        : null;

    /// <inheritdoc/>
    public override CheckedArgument Argument(int output, CheckedBoxes boxes)
    {
        (long[] low, long[] high) = (boxes.Low[pool.Inputs[0]], boxes.High[pool.Inputs[0]]);
        var register = new CheckedRegister(
            pool.Unit.HasRegister != 0 ? pool.Unit.Register : null, 0);
        foreach (int place in Window(output)) register.Add(low[place], high[place]);
        // A mean is of the register: one that wraps is followed only where it does not.
        bool isFollowed = register.Holds
            || !CheckedRegister.Wraps(pool.Unit.Register);
        return (isFollowed ? register.Result() : null) ?? throw new CheckException(
            $"layer '{Layer.Name}', output {output}: its accumulator may overflow");
    }

    /// <inheritdoc/>
    public override void Add(CheckedForm form, int output, Int128 multiple)
    {
        foreach (int place in Window(output)) form.AddTerm(pool.Inputs[0], place, multiple, 0);
    }

    /// <inheritdoc/>
    public override long Apply(int output, long argument)
    {
        var events = ConversionEvents.None;
        return Math.Clamp(
            pool.Unit.Mean(argument, Window(output).Length, random: 0, ref events),
            pool.Output.MinRaw, pool.Output.MaxRaw);
    }

    /// <inheritdoc/>
    public override bool Shares(int one, int other) =>
        Window(one).Length == Window(other).Length;

    private int[] Window(int output) => _windows[output] ??= CheckedWindow.OfPool(
        pool.Geometry, pool.Input.Shape, pool.Output.Shape, output);
}
