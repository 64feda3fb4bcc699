using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Ilgpu.Steps;

/// <summary>
/// Convolution or dense layer. Its gradient is such a sum of products, too: of the output's
/// gradient, with filters and channels exchanged and the kernel turned round.
/// </summary>
internal sealed class ProductStep : DeviceStep
{
    private readonly WindowGeometry _geometry;
    private readonly bool _isDense;
    private readonly float[] _weight;
    private readonly float[] _bias;
    private readonly Product _forward;
    private readonly Product _backward;

    /// <param name="network">The network.</param>
    /// <param name="index">The layer.</param>
    /// <param name="session">The device.</param>
    /// <param name="geometry">The window; null for a dense layer.</param>
    /// <param name="weight">[filter][channel of a group][kernel row][kernel column].</param>
    /// <param name="bias">One per filter.</param>
    public ProductStep(
        FloatNetwork network, int index, DeviceSession session, WindowGeometry? geometry,
        float[] weight, float[] bias) : base(network, index)
    {
        (_weight, _bias, _geometry) = (weight, bias, geometry ?? new());
        TensorShape from = network.Shape(Input), to = network.Shape(Output);

        // Where there is one position, neighbouring columns are those of other blocks of images.
        WindowGeometry g = _geometry;
        _isDense = from.Positions == 1 && to.Positions == 1
            && g is { KernelRows: 1, KernelColumns: 1, PadTop: 0, PadLeft: 0 };
        _forward = new(
            session, Shape(from, to, g.PadTop, g.PadLeft),
            new(g.KernelRows, g.KernelColumns, g.StrideRows, g.StrideColumns, g.DilationRows,
                g.DilationColumns, 1, 1),
            _isDense);
        _backward = new(
            session,
            Shape(
                to, from, ((g.KernelRows - 1) * g.DilationRows) - g.PadTop,
                ((g.KernelColumns - 1) * g.DilationColumns) - g.PadLeft),
            new(g.KernelRows, g.KernelColumns, 1, 1, g.DilationRows, g.DilationColumns,
                g.StrideRows, g.StrideColumns),
            _isDense);
        Upload();
    }

    /// <summary>Whether to do the work of the ReLU behind it.</summary>
    public bool CutsNegatives { get; set; }

    /// <summary>The pool behind it whose work to do as well; null where there is none.</summary>
    public MaxPoolStep? Pool { get; set; }

    /// <summary>Whether the work of a pool behind it can be done as well.</summary>
    public bool CanPool => _forward.CanPool;

    /// <summary>
    /// The pool behind it whose gradient to spread on the way back; null where there is none.
    /// </summary>
    public MaxPoolStep? Spread { get; set; }

    /// <summary>Whether the gradient of a pool behind it can be spread as it is read.</summary>
    public bool CanSpread => _backward.CanSpread;

    private Ending Cut =>
        Ending.Plain with { Floor = CutsNegatives ? 0 : float.NegativeInfinity };

    /// <inheritdoc/>
    public override void Forward(DeviceTensors on)
    {
        if (Pool is { } pool && on.Kernels.Specializes)
            _forward.LaunchPooled(
                on, on.WideValues[Input], on.Values[pool.Output], on.Winners[pool.Output],
                Cut.Floor, pool.Endings[0].Masks);
        else
            _forward.Launch(on, on.Values[Input], on.WideValues[Input], OutputOf(on), Cut);
    }

    /// <inheritdoc/>
    public override void Backward(DeviceTensors on)
    {
        if (Spread is { } pool && on.Kernels.Specializes)
            _backward.LaunchSpread(
                on, on.WideGradients[pool.Output], on.WideWinners[pool.Output], GradientOf(on),
                Endings[0]);
        else
            _backward.Launch(
                on, on.Gradients[Output], on.WideGradients[Output], GradientOf(on), Endings[0]);
    }

    /// <inheritdoc/>
    public override void Upload()
    {
        int filters = Network.Shape(Output).Channels / _geometry.Groups;
        int depth = Network.Shape(Input).Channels / _geometry.Groups;
        int places = _geometry.KernelRows * _geometry.KernelColumns;
        _forward.Upload(
            (group, filter, channel, place) =>
                _weight[((((group * filters) + filter) * depth + channel) * places) + place],
            (group, filter) => _bias[(group * filters) + filter]);
        _backward.Upload(
            (group, filter, channel, place) => _weight[
                ((((group * filters) + channel) * depth + filter) * places) + places - 1 - place],
            (_, _) => 0);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _forward.Dispose();
        _backward.Dispose();
    }

    private ProductShape Shape(TensorShape from, TensorShape to, int padTop, int padLeft)
    {
        const int lanes = ImageBlocks.Lanes;
        int groups = _geometry.Groups;
        return new()
        {
            Depth = from.Channels / groups,
            Filters = to.Channels / groups,
            Groups = groups,
            FromRows = from.Rows,
            FromColumns = from.Columns,
            FromRow = from.Columns * lanes,
            FromColumn = _isDense ? from.Length * lanes : lanes,
            FromChannel = from.Positions * lanes,
            FromBlock = from.Length * lanes,
            ToRows = to.Rows,
            ToColumns = to.Columns,
            ToRow = to.Columns * lanes,
            ToColumn = _isDense ? to.Length * lanes : lanes,
            ToChannel = to.Positions * lanes,
            ToBlock = to.Length * lanes,
            PadTop = padTop,
            PadLeft = padLeft,
        };
    }
}
