using ILGPU;
using ILGPU.Runtime;
using QSim.Attacks.Evaluation;
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
internal sealed class DeviceClimb : IDisposable
{
    private readonly DevicePass _pass;
    private readonly DeviceSession _session;
    private readonly Simulation? _hardware;
    private readonly int _capacity;
    private readonly List<IDisposable> _memory = [];
    private readonly ArrayView<float> _low;
    private readonly ArrayView<float> _high;
    private readonly ArrayView<ClimbState> _states;
    private readonly ArrayView<int> _slopes;
    private readonly ArrayView<int> _decisions;
    private readonly DeviceForward? _forward;
    private readonly int[] _taps = [];

    // Of the run under way.
    private Climb _climb = null!;

    /// <summary>Takes the memory that it needs for as many images as fit.</summary>
    /// <param name="pass">The network on the device.</param>
    /// <param name="session">The device.</param>
    /// <param name="hardware">Whose forward pass it is; null for the network's own.</param>
    /// <param name="images">How many images there are.</param>
    public DeviceClimb(
        DevicePass pass, DeviceSession session, Simulation? hardware, int images)
    {
        (_pass, _session, _hardware) = (pass, session, hardware);
        _capacity = pass.Take(images);
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
            _states = Room<ClimbState>(blocks * ImageBlocks.Lanes);
            _slopes = Room<int>(blocks * ImageBlocks.Lanes * ClimbKernels.Parts);
            _decisions = Room<int>(blocks * ImageBlocks.Lanes);
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
    /// Whether it would be the same for another batch: the hardware is, and it has the memory.
    /// </summary>
    public bool Serves(Simulation? hardware, int images) =>
        hardware == _hardware && images <= _capacity && _pass.Holds(images);

    /// <summary>Makes the steps.</summary>
    public void Run(Climb climb, ClimbImages images, CancellationToken cancellation)
    {
        Choose();
        _climb = climb;
        int count = images.Labels.Length;
        PixelBounds? bounds = _session.HasDoubles
            ? null
            : new(images.Originals, _pass.Pixels, _climb.Budget);
        for (int first = 0; first < count; first += _capacity)
        {
            int size = Math.Min(_capacity, count - first);
            Begin(images, bounds, first, size);
            for (int step = 0; step < _climb.Steps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                Step(size);
            }

            Look(size);
            End(images, first, size);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable memory in Enumerable.Reverse(_memory)) _session.Free(memory);
        _memory.Clear();
    }

    /// <summary>What the network computes by itself: what hardware does not give it.</summary>
    private void Choose() =>
        _pass.Choose(_hardware is null ? [] : [.. _hardware.Program.Sources.Skip(1)]);

    /// <param name="images">The images.</param>
    /// <param name="bounds">Of all images; null where the device works them out.</param>
    /// <param name="first">The first image of these.</param>
    /// <param name="size">How many.</param>
    private void Begin(ClimbImages images, PixelBounds? bounds, int first, int size)
    {
        DeviceTensors on = _pass.Tensors;
        on.Blocks = ImageBlocks.For(size);
        Range mine = Rows(first, size);
        if (bounds is not null)
        {
            bounds.Constrain(first * _pass.Pixels, images.Pixels.AsSpan(mine));
            on.Bring(0, bounds.High.AsSpan(mine), size, _high);
        }

        on.Bring(0, images.Pixels.AsSpan(mine), size, on.Values[0]);
        on.Bring(0, (bounds?.Low ?? images.Originals).AsSpan(mine), size, _low);
        if (bounds is null)
            Kernels.Bound(
                Stream, on.Length(0), on.Values[0], _low, _high, _climb.Budget.Epsilon.Value);
        var states = new ClimbState[on.Images];
        for (int i = 0; i < size; i++) states[i] = new(images.Labels[first + i], 0, 0, 0, 1, 0);
        _states.SubView(0, states.Length).CopyFromCPU(Stream, states);
        Stream.Synchronize();
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

    private void End(ClimbImages images, int first, int size)
    {
        DeviceTensors on = _pass.Tensors;
        int last = _pass.Last, classes = _pass.Classes;
        on.Take(0, on.Values[0], images.Pixels.AsSpan(Rows(first, size)), size);
        if (_hardware is not null) Dequantize(_hardware.Program.Layers.Length, last, size);
        on.Take(
            last, on.Values[last], images.Logits.AsSpan(first * classes, size * classes), size);
        var states = new ClimbState[size];
        _states.SubView(0, size).CopyToCPU(Stream, states);
        _decisions.SubView(0, size).CopyToCPU(Stream, images.Decisions.AsSpan(first, size));
        Stream.Synchronize();
        for (int i = 0; i < size; i++)
        {
            images.Classes[first + i] = states[i].Class;
            images.Questions[first + i] = states[i].Questions;
            images.Zeros[first + i] = states[i].Zeros;
        }
    }

    private Range Rows(int first, int size) =>
        (first * _pass.Pixels)..((first + size) * _pass.Pixels);

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
