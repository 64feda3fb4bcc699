using QSim.Attacks.Gradients;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator;

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
    private readonly QuantizedProgram _program = hardware.Program;

    /// <summary>What the hardware runs.</summary>
    public QuantizedProgram Program => _program;

    /// <summary>Name of the gradient engine; null without one.</summary>
    public string? Engine => gradients?.Engine;

    /// <summary>Whether it rounds stochastically anywhere.</summary>
    public bool IsStochastic { get; } = hardware.Program.IsStochastic;

    /// <summary>The raw inputs that the hardware has for images.</summary>
    public long[] RawInputs(ReadOnlySpan<float> images) => hardware.QuantizeInput(images);

    /// <inheritdoc/>
    public string Name => name;

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
    public void Classify(
        ReadOnlySpan<float> images, ReadOnlySpan<long> indices, Span<float> logits,
        Span<int> classes)
    {
        for (int first = 0; first < indices.Length;)
        {
            int count = Stretch(indices[first..]);
            RunResult result = hardware.Run(
                images.Slice(first * Input.Length, count * Input.Length),
                RunOptions.Default with
                {
                    FirstImage = indices[first],
                }
            );
            Decide(
                result.Outputs, logits.Slice(first * Classes, count * Classes),
                classes.Slice(first, count));
            first += count;
        }
    }

    /// <inheritdoc/>
    public void Classify(
        SimulationImages images, int first, ReadOnlySpan<long> indices, Span<float> logits,
        Span<int> classes)
    {
        for (int done = 0; done < indices.Length;)
        {
            int count = Stretch(indices[done..]);
            RunResult result = hardware.Run(
                images,
                first + done,
                count,
                RunOptions.Default with
                {
                    FirstImage = indices[done],
                }
            );
            Decide(
                result.Outputs, logits.Slice(done * Classes, count * Classes),
                classes.Slice(done, count));
            done += count;
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
        for (int first = 0; first < indices.Length;)
        {
            int count = Stretch(indices[first..]);
            ReadOnlySpan<float> pixels = images.Slice(first * Input.Length, count * Input.Length);
            RunResult result = hardware.Run(pixels, Taps with { FirstImage = indices[first] });
            Span<float> logits = results.Logits.Slice(first * Classes, count * Classes);
            gradients.StraightThroughGradients(
                pixels, labels.Slice(first, count), loss, Activations(result),
                results.Gradients.Slice(first * Input.Length, count * Input.Length),
                results.Losses.Slice(first, count), logits);
            Decide(result.Outputs, logits, results.Classes.Slice(first, count));
            first += count;
        }
    }

    /// <inheritdoc/>
    public string?[] DeadLayers(
        ReadOnlySpan<float> images, ReadOnlySpan<long> indices, ReadOnlySpan<int> labels,
        ILoss loss)
    {
        if (gradients is null) return new string?[labels.Length];
        List<string?> layers = [];
        while (layers.Count < indices.Length)
        {
            int first = layers.Count, count = Stretch(indices[first..]);
            ReadOnlySpan<float> pixels = images.Slice(first * Input.Length, count * Input.Length);
            RunResult result = hardware.Run(pixels, Taps with { FirstImage = indices[first] });
            layers.AddRange(
                gradients.DeadLayers(pixels, labels.Slice(first, count), loss, Activations(result))
            );
        }

        return [.. layers];
    }

    /// <inheritdoc/>
    public int ImagesAtOnce => (gradients as IClimbingModel)?.ImagesAtOnce ?? 0;

    /// <inheritdoc/>
    public bool CanClimb(Climb climb) =>
        !IsStochastic && gradients is IClimbingModel climbing && climbing.CanClimb(climb, hardware);

    /// <inheritdoc/>
    public void Make(Climb climb, ClimbImages images, CancellationToken cancellation) =>
        ((IClimbingModel)gradients!).Make(climb, images, hardware, cancellation);

    /// <summary>
    /// How many images may go together: all, or as many as have indices one after another.
    /// </summary>
    private int Stretch(ReadOnlySpan<long> indices)
    {
        int count = 1;
        while (count < indices.Length && (!IsStochastic || indices[count] == indices[0] + count))
            count++;
        return count;
    }

    private RunOptions Taps =>
        RunOptions.Default with
        {
            Taps = [.. Enumerable.Range(1, _program.Layers.Length)],
        };

    private Dictionary<int, float[]> Activations(RunResult result) => result.Taps.ToDictionary(
        tap => _program.Sources[tap.Key],
        tap =>
        {
            TensorType type = _program.Tensor(tap.Key);
            return Array.ConvertAll(tap.Value, raw => Dequantize(raw, type));
        });

    private void Decide(ReadOnlySpan<long> raw, Span<float> logits, Span<int> classes)
    {
        for (int i = 0; i < classes.Length; i++)
            classes[i] = Simulation.ArgMax(raw.Slice(i * Classes, Classes));
        for (int j = 0; j < raw.Length; j++) logits[j] = Dequantize(raw[j], _program.Output);
    }

    private static float Dequantize(long raw, TensorType type) =>
        (float)(type.Scale * (raw - type.ZeroPoint));
}
