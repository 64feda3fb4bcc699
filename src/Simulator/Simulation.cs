using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Simulator;

/// <summary>
/// A quantized program on a backend as a classifier of real images. Results do not depend on the
/// batch: image <c>i</c> gives the same bits alone and among others.
/// </summary>
public sealed class Simulation : IDisposable
{
    private readonly IBackend _backend;
    private readonly IProgramRunner _runner;

    /// <summary>Loads the program on the fastest backend here that can run it.</summary>
    public Simulation(QuantizedProgram program) : this(program, BackendList.Best(program))
    {
    }

    /// <summary>Loads the program on the backend.</summary>
    /// <exception cref="NotSupportedException">
    /// The backend cannot run the program; the message says why.
    /// </exception>
    public Simulation(QuantizedProgram program, IBackend backend)
    {
        Program = program;
        Backend = backend.Name;
        _backend = backend;
        Input = new(program.Input);
        _runner = backend.Load(program);
    }

    /// <summary>What runs.</summary>
    public QuantizedProgram Program { get; }

    /// <summary>
    /// Whether it wants as many images at a time as there are, because they go to a memory of their
    /// own; else a few per core are as good.
    /// </summary>
    public bool WantsManyImages => _backend.HasOwnMemory;

    /// <summary>Name of the backend that runs it.</summary>
    public string Backend { get; }

    /// <summary>The program on its backend, for whoever works where the backend does.</summary>
    public IProgramRunner Runner => _runner;

    /// <summary>Pixels to raw input and back.</summary>
    public InputConverter Input { get; }

    /// <summary>
    /// Lets go of the memory that runs keep for the next, which makes its own again.
    /// </summary>
    public void Release() => _runner.Release();

    /// <summary>Number of logits.</summary>
    public int Classes => Program.Output.Shape.Length;

    /// <summary>Real pixels to raw input, by the program's input stage.</summary>
    /// <param name="images">Images one after another, values in [0, 1].</param>
    public long[] QuantizeInput(ReadOnlySpan<float> images) => Input.Quantize(images);

    /// <summary>Runs real images.</summary>
    /// <param name="images">Images one after another, values in [0, 1].</param>
    /// <param name="options">What to return besides raw logits.</param>
    /// <exception cref="ArgumentException">The length is no multiple of an image's.</exception>
    public RunResult Run(ReadOnlySpan<float> images, RunOptions options)
    {
        int count = CountOf(images);
        return _runner.Run(QuantizeInput(images), count, options);
    }

    /// <summary>
    /// Runs real images in memory of the caller's: nothing is allocated once that is large enough.
    /// </summary>
    /// <param name="images">Images one after another, values in [0, 1].</param>
    /// <param name="buffers">Made for this program; filled.</param>
    /// <param name="firstImage">As <see cref="RunOptions.FirstImage"/>.</param>
    /// <exception cref="ArgumentException">The length is no multiple of an image's.</exception>
    public void Run(ReadOnlySpan<float> images, RunBuffers buffers, long firstImage)
    {
        buffers.Resize(CountOf(images));
        Input.Quantize(images, buffers.Input);
        _runner.Run(buffers, firstImage);
    }

    /// <summary>Runs some of the images that it shares with other simulations.</summary>
    /// <param name="images">The images.</param>
    /// <param name="first">The first to run.</param>
    /// <param name="count">How many to run.</param>
    /// <param name="options">What to return besides raw logits.</param>
    public RunResult Run(SimulationImages images, int first, int count, RunOptions options) =>
        _backend.HasOwnMemory
            ? _runner.Run(images.For(this, _backend), first, count, options)
            : Run(images.Slice(first, count), options);

    /// <summary>
    /// The class of each image: the largest raw logit, the lowest index among equals, as hardware
    /// has it.
    /// </summary>
    /// <param name="images">Images one after another, values in [0, 1].</param>
    /// <param name="firstImage">
    /// Index of the first in its dataset; the key of stochastic rounding.
    /// </param>
    public int[] Classify(ReadOnlySpan<float> images, long firstImage = 0)
    {
        long[] logits = Run(images, RunOptions.Default with { FirstImage = firstImage }).Outputs;
        int[] labels = new int[logits.Length / Classes];
        for (int i = 0; i < labels.Length; i++)
            labels[i] = ArgMax(logits.AsSpan(i * Classes, Classes));
        return labels;
    }

    /// <summary>The index of the largest value, the lowest among equals.</summary>
    public static int ArgMax(ReadOnlySpan<long> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
            if (logits[i] > logits[best]) best = i;
        return best;
    }

    /// <inheritdoc/>
    public void Dispose() => _runner.Dispose();

    private int CountOf(ReadOnlySpan<float> images)
    {
        TensorShape shape = Program.Input.Type.Shape;
        return images.Length % shape.Length == 0
            ? images.Length / shape.Length
            : throw new ArgumentException($"{images.Length} values are not images of {shape}");
    }
}
