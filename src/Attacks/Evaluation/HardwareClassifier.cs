using QSim.Attacks.Gradients;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Quantization;

namespace QSim.Attacks.Evaluation;

/// <summary>
/// Simulated hardware as a classifier. With a gradient engine on the float network it can be
/// attacked white box: the forward pass is the hardware's, bit for bit, and the backward pass goes
/// straight through its rounding, from the dequantized activations that the hardware had.
/// </summary>
/// <param name="hardware">The simulation; the caller disposes of it.</param>
/// <param name="name">Its name in results.</param>
/// <param name="gradients">
/// An engine on the float network that the program was made from; null for none.
/// </param>
public sealed class HardwareClassifier(
    Simulation hardware, string name,
    IGradientModel? gradients = null) : IClimber, ISharingClassifier, IFineClassifier
{
    private const int ImagesPerCore = 64;

    private readonly QuantizedProgram _program = hardware.Program;
    private IReadOnlyList<IClassifier>? _views;
    private HardwareMemory? _plain;
    private HardwareMemory? _tapped;

    /// <summary>What the hardware runs.</summary>
    public QuantizedProgram Program => _program;

    /// <summary>Name of the gradient engine; null without one.</summary>
    public string? Engine => gradients?.Engine;

    /// <summary>Whether it rounds stochastically anywhere.</summary>
    public bool IsStochastic { get; } = hardware.Program.IsStochastic;

    /// <summary>
    /// Lets go of the memory that calls keep for the next, which grows with the images of a call;
    /// a later call makes its own again.
    /// </summary>
    public void Release()
    {
        (_plain, _tapped) = (null, null);
        hardware.Release();
        foreach (IClassifier view in _views ?? [])
            if (view is HardwareClassifier other && other != this) other.Release();
    }

    /// <summary>The raw inputs that the hardware has for images.</summary>
    public long[] RawInputs(ReadOnlySpan<float> images) => hardware.QuantizeInput(images);

    /// <inheritdoc/>
    public string Name => name;

    /// <summary>Most threads that it runs on; 0 lets the backend choose.</summary>
    private int Threads { get; init; }

    /// <summary>Whether it is one of the <see cref="Views"/> of another.</summary>
    internal bool IsView => Threads == 1;

    /// <inheritdoc/>
    /// <remarks>
    /// They share the simulation, where its backend lets threads run side by side.
    /// </remarks>
    public IReadOnlyList<IClassifier> Views => _views ??= ViewCount == 1
        ? [this]
        : [.. Enumerable.Range(0, ViewCount).Select(i => new HardwareClassifier(
            hardware, name, gradients?.Views[i]) { Threads = 1 })];

    private int ViewCount =>
        !hardware.Runner.IsShareable || Threads == 1 ? 1
        : gradients is null ? Environment.ProcessorCount
        : gradients.Views.Count;

    /// <inheritdoc/>
    public TensorShape Input => _program.Input.Type.Shape;

    /// <inheritdoc/>
    public int Classes => hardware.Classes;

    /// <inheritdoc/>
    public bool HasPlateaus => true;

    /// <inheritdoc/>
    public bool HasFineScores => gradients is not null;

    /// <inheritdoc/>
    public void FineScores(ReadOnlySpan<float> images, int count, Span<float> scores) =>
        gradients!.Logits(images, count, scores);

    /// <inheritdoc/>
    public bool ReadsAlike(ReadOnlySpan<float> image, ReadOnlySpan<float> other)
    {
        for (int i = 0; i < image.Length; i++)
            if (image[i] != other[i]
                && hardware.Input.Quantize(image[i], i) != hardware.Input.Quantize(other[i], i))
                return false;
        return true;
    }

    /// <inheritdoc/>
    public void Classify(
        ReadOnlySpan<float> images, ReadOnlySpan<long> indices, Span<float> logits,
        Span<int> classes)
    {
        HardwareMemory memory = Take(ref _plain, null);
        for (int first = 0, count; first < indices.Length; first += count)
        {
            count = Stretch(indices[first..]);
            Run(images, first, count, indices[first], memory);
            Decide(
                memory.Buffers.Output, logits.Slice(first * Classes, count * Classes),
                classes.Slice(first, count));
        }

        _plain = memory;
    }

    /// <inheritdoc/>
    public void Classify(
        SimulationImages images, int first, ReadOnlySpan<long> indices, Span<float> logits,
        Span<int> classes)
    {
        if (!hardware.WantsManyImages)
        {
            Classify(images.Slice(first, indices.Length), indices, logits, classes);
            return;
        }

        for (int done = 0, count; done < indices.Length; done += count)
        {
            count = Stretch(indices[done..]);
            RunResult result = hardware.Run(
                images, first + done, count,
                RunOptions.Default with { FirstImage = indices[done] });
            var output = new RawValues(_program.Output);
            output.Resize(count);
            output.Write(result.Outputs);
            Decide(
                output, logits.Slice(done * Classes, count * Classes),
                classes.Slice(done, count));
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no gradient engine.</exception>
    public void Differentiate(
        ReadOnlySpan<float> images,
        ReadOnlySpan<long> indices,
        ReadOnlySpan<int> labels,
        ILoss loss,
        GradientResults results)
    {
        if (gradients is null)
            throw new InvalidOperationException($"{name} was given no gradient engine");
        if (_program.Sources.IsEmpty)
            throw new InvalidOperationException(
                $"{name}: the program does not say which network it stands for");
        HardwareMemory memory = Take(ref _tapped, gradients);
        for (int first = 0, count; first < indices.Length; first += count)
        {
            count = Stretch(indices[first..]);
            Run(images, first, count, indices[first], memory);
            Span<float> logits = results.Logits.Slice(first * Classes, count * Classes);
            gradients.Gradients(
                Pixels(images, first, count), labels.Slice(first, count), loss,
                results.Gradients.Slice(first * Input.Length, count * Input.Length),
                results.Losses.Slice(first, count), logits, memory);
            Decide(memory.Buffers.Output, logits, results.Classes.Slice(first, count));
        }

        _tapped = memory;
    }

    /// <inheritdoc/>
    public string?[] DeadLayers(
        ReadOnlySpan<float> images, ReadOnlySpan<long> indices, ReadOnlySpan<int> labels,
        ILoss loss)
    {
        if (gradients is null) return new string?[labels.Length];
        HardwareMemory memory = Take(ref _tapped, gradients);
        List<string?> layers = [];
        while (layers.Count < indices.Length)
        {
            int first = layers.Count, count = Stretch(indices[first..]);
            Run(images, first, count, indices[first], memory);
            layers.AddRange(gradients.DeadLayers(
                Pixels(images, first, count), labels.Slice(first, count), loss, memory));
        }

        _tapped = memory;
        return [.. layers];
    }

    /// <inheritdoc/>
    public int ImagesAtOnce => (gradients as IClimbingModel)?.ImagesAtOnce ?? 0;

    /// <inheritdoc/>
    int IClimber.BatchesAtOnce => hardware.WantsManyImages && gradients is IClimbingModel ? 2 : 1;

    /// <inheritdoc/>
    bool IClimber.CanClimb(Climb climb) =>
        !IsStochastic && gradients is IClimbingModel climbing && climbing.CanClimb(climb, hardware);

    /// <inheritdoc/>
    void IClimber.Make(Climb climb, ClimbImages images, CancellationToken cancellation) =>
        ((IClimbingModel)gradients!).Make(climb, images, hardware, cancellation);

    /// <summary>
    /// How many images may go together: as many as have indices one after another where that
    /// matters, and no more than the cores keep in their caches between the two passes.
    /// </summary>
    private int Stretch(ReadOnlySpan<long> indices)
    {
        int most = hardware.WantsManyImages
            ? indices.Length
            : Math.Min(indices.Length, ImagesPerCore * Environment.ProcessorCount);
        int count = 1;
        while (count < most && (!IsStochastic || indices[count] == indices[0] + count)) count++;
        return count;
    }

    /// <summary>Memory from the last call, or new where another thread has that.</summary>
    private HardwareMemory Take(ref HardwareMemory? kept, IGradientModel? engine) =>
        Interlocked.Exchange(ref kept, null) ?? new(_program, engine, Threads);

    private ReadOnlySpan<float> Pixels(ReadOnlySpan<float> images, int first, int count) =>
        images.Slice(first * Input.Length, count * Input.Length);

    private void Run(
        ReadOnlySpan<float> images, int first, int count, long firstIndex,
        HardwareMemory memory) =>
        hardware.Run(Pixels(images, first, count), memory.Buffers, firstIndex);

    private void Decide(RawValues output, Span<float> logits, Span<int> classes)
    {
        Span<long> raw = Classes <= 256 ? stackalloc long[Classes] : new long[Classes];
        for (int i = 0; i < classes.Length; i++)
        {
            output.Read(i * Classes, raw);
            classes[i] = Simulation.ArgMax(raw);
        }

        Dequantization.Read(output, 0, logits);
    }
}
