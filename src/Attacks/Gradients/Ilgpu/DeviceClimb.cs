using ILGPU;
using ILGPU.Runtime;
using QSim.Attacks.Gradients.Losses;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Datapath;
using QSim.Simulator;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// The steps of an attack with everything on one device: images, the forward pass (the network's
/// or, bit for bit, the hardware's), the way back, the step and the bounds. It keeps its memory
/// from one batch of images to the next, because a driver takes its time to give memory and to take
/// it back. Whoever calls holds the session.
/// </summary>
internal sealed class DeviceClimb : IDisposable, IKeepsMemory
{
    private readonly DevicePass _pass;
    private readonly DeviceSession _session;
    private readonly Simulation? _hardware;
    private readonly int _wanted;
    private readonly int _capacity;
    private readonly List<IDisposable> _memory = [];
    private readonly ArrayView<float> _low;
    private readonly ArrayView<float> _high;
    private readonly ArrayView<int> _slopes;
    private readonly DeviceForward? _forward;
    private readonly int[] _taps = [];

    // Of the run under way.
    private Climb _climb = null!;
    private ArrayView<ClimbState> _states;
    private ArrayView<int> _decisions;

    /// <summary>Takes the memory that it needs for as many images as fit.</summary>
    /// <param name="pass">The network on the device.</param>
    /// <param name="session">The device.</param>
    /// <param name="hardware">Whose forward pass it is; null for the network's own.</param>
    /// <param name="wanted">How many images there are.</param>
    /// <param name="most">For how many to ask.</param>
    public DeviceClimb(
        DevicePass pass, DeviceSession session, Simulation? hardware, int wanted, int most)
    {
        (_pass, _session, _hardware, _wanted) = (pass, session, hardware, wanted);
        _capacity = pass.Take(most);
        int blocks = ImageBlocks.For(_capacity), pixels = pass.Pixels;
        try
        {
            if (hardware is not null)
            {
                QuantizedProgram program = hardware.Program;
                Choose();
                _taps = [.. Enumerable.Range(1, program.Layers.Length)
                    .Where(t => pass.IsNeeded(program.Sources[t]))];
                _forward = Keep(((IlgpuRunner)hardware.Runner).Forward(
                    _capacity, _taps.ToHashSet()));
            }

            _low = Room<float>((long)blocks * pixels * ImageBlocks.Lanes);
            _high = Room<float>((long)blocks * pixels * ImageBlocks.Lanes);
            _slopes = Room<int>(blocks * ImageBlocks.Lanes * ClimbKernels.Parts);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private AcceleratorStream Stream => _pass.Tensors.Stream;

    private GradientKernels Kernels => _pass.Tensors.Kernels;

    /// <summary>Whether kernels know the loss and the hardware runs on the same device.</summary>
    public static bool Can(Climb climb, Simulation? hardware, DeviceSession session) =>
        climb.Loss is CrossEntropyLoss or RescaledCrossEntropyLoss
        && (hardware is null
            || (hardware.Runner is IlgpuRunner runner && runner.Session == session
                && !hardware.Program.Sources.IsEmpty
                && hardware.Program.Sources.All(s => s >= 0)
                && !hardware.Program.Layers.Any(l => l.Output.IsFloat32)
                && hardware.Program.Input.Rounding != RoundingMode.Stochastic
                && hardware.Program.Input
                    is { Normalization.IsEmpty: true, HasFloat32Quotient: false }
                && session.HasDoubles));

    /// <summary>
    /// Whether it would be the same for another batch: the hardware is, and it has the memory, or
    /// all that it could get.
    /// </summary>
    public bool Serves(Simulation? hardware, int images) =>
        hardware == _hardware && images <= _wanted && _memory.Count > 0 && _pass.Holds(_capacity);

    /// <summary>
    /// Makes the steps of a room's images. When it returns, or throws, nothing of it is queued any
    /// more, so that the room's own stream may use the room.
    /// </summary>
    public void Run(Climb climb, ClimbRoom room, int count, CancellationToken cancellation)
    {
        Choose();
        _climb = climb;
        try
        {
            for (int first = 0; first < count; first += _capacity)
            {
                int size = Math.Min(_capacity, count - first);
                Begin(room, first, size);
                for (int step = 0; step < _climb.Steps; step++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    Step(size);
                }

                Look(size);
                End(room, first, size);
            }
        }
        finally
        {
            Stream.Synchronize();
        }
    }

    /// <inheritdoc/>
    public void Release() => Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable memory in Enumerable.Reverse(_memory)) _session.Free(memory);
        _memory.Clear();
    }

    /// <summary>What the network computes by itself: what hardware does not give it.</summary>
    private void Choose() =>
        _pass.Choose(_hardware is null ? [] : [.. _hardware.Program.Sources.Skip(1)]);

    private void Begin(ClimbRoom room, int first, int size)
    {
        DeviceTensors on = _pass.Tensors;
        on.Blocks = ImageBlocks.For(size);
        (_states, _decisions) = (
            room.States.SubView(first, on.Images), room.Decisions.SubView(first, on.Images));
        Gather(room.Images, on.Values[0]);
        Gather(room.Low, _low);
        if (room.High.Length > 0) Gather(room.High, _high);
        else
            Kernels.Bound(
                Stream, on.Length(0), on.Values[0], _low, _high, _climb.Budget.Epsilon.Value);

        void Gather(ArrayView<float> from, ArrayView<float> to) => Kernels.Gather(
            Stream, on.Length(0), Rows(from, first, size, _pass.Pixels), to, _pass.Pixels, size);
    }

    private void Step(int size)
    {
        DeviceTensors on = _pass.Tensors;
        Look(size);
        Kernels.Note(Stream, on.Images, _decisions, _states, _climb.StopsAtFooled ? 1 : 0);
        _pass.Backward();
        Kernels.SignStep(
            Stream, on.Images * ClimbKernels.Parts, on.Values[0], on.Gradients[0], _low, _high,
            _states, _slopes, _pass.Pixels, _climb.Step);
        Kernels.CountZeros(Stream, on.Images, _slopes, _states);
    }

    /// <summary>Queues the way to decisions, and to the loss's gradient there.</summary>
    private void Look(int size)
    {
        DeviceTensors on = _pass.Tensors;
        int last = _pass.Last, classes = _pass.Classes;
        if (_forward is not null) RunHardware(size);
        _pass.Forward();
        Kernels.CrossEntropy(
            Stream, on.Images, on.Values[last], on.Gradients[last], _states, _decisions, classes,
            _climb.Loss is RescaledCrossEntropyLoss ? 1 : 0);
        if (_forward is not null)
        {
            int output = _hardware!.Program.Layers.Length;
            Kernels.Decide(
                Stream, size, _forward.Tensor(output), _decisions, classes,
                _hardware.Program.Output.IsSigned ? 1 : 0);
        }
    }

    /// <summary>
    /// Queues the hardware's pass; what the way back reads comes from its tensors.
    /// </summary>
    private void RunHardware(int size)
    {
        DeviceTensors on = _pass.Tensors;
        QuantizedProgram program = _hardware!.Program;
        Kernels.Quantize(
            Stream, on.Length(0), on.Values[0], _forward!.Tensor(0),
            new(
                _hardware.Input.Steps.Step, _hardware.Input.Steps.ZeroPoint,
                program.Input.Rounding, _hardware.Input.Target,
                program.Input.Levels is null ? 0 : 1),
            _pass.Pixels, size);
        _forward.Queue(Stream, size);
        foreach (int tap in _taps) Dequantize(tap, program.Sources[tap], size);
    }

    /// <summary>Raw values of the hardware's as real values of one of the network's.</summary>
    private void Dequantize(int from, int to, int size)
    {
        DeviceTensors on = _pass.Tensors;
        TensorType type = _hardware!.Program.Tensor(from);
        Kernels.Dequantize(
            Stream, on.Length(to), _forward!.Tensor(from), on.Values[to],
            new(type.Scale, type.ZeroPoint, type.IsSigned ? 1 : 0), type.Shape.Length, size);
    }

    private void End(ClimbRoom room, int first, int size)
    {
        DeviceTensors on = _pass.Tensors;
        int last = _pass.Last;
        if (_hardware is not null) Dequantize(_hardware.Program.Layers.Length, last, size);
        Scatter(0, room.Images, _pass.Pixels);
        Scatter(last, room.Logits, _pass.Classes);

        void Scatter(int tensor, ArrayView<float> to, int length) => Kernels.Scatter(
            Stream, on.Length(tensor), on.Values[tensor], Rows(to, first, size, length), length,
            size);
    }

    private static ArrayView<float> Rows(ArrayView<float> all, int first, int size, int length) =>
        all.SubView((long)first * length, (long)size * length);

    private ArrayView<T> Room<T>(long length)
        where T : unmanaged =>
        Keep(_session.Allocate<T>(length)).View;

    private T Keep<T>(T memory)
        where T : IDisposable
    {
        _memory.Add(memory);
        return memory;
    }
}
