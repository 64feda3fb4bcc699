using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends;

/// <summary>
/// A way to run programs. Every backend gives the same bits and the same events as
/// <c>reference</c>; they differ in speed alone.
/// </summary>
public interface IBackend
{
    /// <summary>What a user types after <c>--backend</c>.</summary>
    string Name { get; }

    /// <summary>One line for people.</summary>
    string Description { get; }

    /// <summary>Null when usable on this machine, else why not and what to do about it.</summary>
    string? WhyUnavailable { get; }

    /// <summary>Null when it can run the program, else the reason in words.</summary>
    string? WhyNot(QuantizedProgram program);

    /// <summary>Prepares a program: packs weights, compiles kernels, uploads.</summary>
    /// <exception cref="NotSupportedException"><see cref="WhyNot"/> names a reason.</exception>
    IProgramRunner Load(QuantizedProgram program);

    /// <summary>True where images have to be brought into a memory of the backend's own.</summary>
    bool HasOwnMemory => false;

    /// <summary>
    /// What the device says of itself, by what it is: name, driver, clocks, memory. Empty for
    /// backends that run on the CPU, whose name is another's business.
    /// </summary>
    IReadOnlyDictionary<string, string> Facts => ImmutableDictionary<string, string>.Empty;

    /// <summary>
    /// The same backend for a caller that compiles many programs side by side: with a session of
    /// its own where it has one, which lasts as long as the process.
    /// </summary>
    /// <param name="worker">Which of the callers.</param>
    IBackend Apart(int worker) => this;

    /// <summary>
    /// Puts images where this backend's programs compute; as many programs as like may run on them.
    /// </summary>
    /// <exception cref="DeviceException">The device fails.</exception>
    ResidentImages Keep(RawImages images) => HostImages.Of(images);
}

/// <summary>A program ready to run on one backend.</summary>
public interface IProgramRunner : IDisposable
{
    /// <summary>
    /// Whether several threads may run it side by side, each with memory of its own, on
    /// <see cref="RunOptions.Threads"/> 1.
    /// </summary>
    bool IsShareable => false;

    /// <summary>
    /// Lets go of the memory that runs keep for the next, which makes its own again.
    /// </summary>
    void Release()
    {
    }

    /// <summary>Runs a batch.</summary>
    /// <param name="inputs">Raw input values, [image][channel][row][column].</param>
    /// <param name="images">How many images <paramref name="inputs"/> holds.</param>
    /// <param name="options">What to return besides outputs.</param>
    /// <exception cref="ArgumentException">
    /// The length of <paramref name="inputs"/> does not fit.
    /// </exception>
    RunResult Run(ReadOnlySpan<long> inputs, int images, RunOptions options);

    /// <summary>
    /// Runs the images that lie in buffers, and leaves the values asked for there: the same as
    /// <see cref="Run(ReadOnlySpan{long}, int, RunOptions)"/> gives, in memory of the caller's.
    /// </summary>
    /// <param name="buffers">Made for this program; inputs are there.</param>
    /// <param name="firstImage">As <see cref="RunOptions.FirstImage"/>.</param>
    void Run(RunBuffers buffers, long firstImage)
    {
        long[] inputs = new long[buffers.Input.Count];
        buffers.Input.Read(0, inputs);
        RunResult result = Run(
            inputs, buffers.Images,
            new() { Taps = buffers.Taps, FirstImage = firstImage, Threads = buffers.Threads });
        foreach (int tap in buffers.Taps) buffers[tap].Write(result.Taps[tap]);
    }

    /// <summary>
    /// Runs images that <see cref="IBackend.Keep"/> of the same backend put in place.
    /// </summary>
    /// <param name="images">The images.</param>
    /// <param name="first">The first to run.</param>
    /// <param name="count">How many to run.</param>
    /// <param name="options">What to return besides outputs.</param>
    /// <exception cref="ArgumentException">
    /// There are no such images, or another backend has them.
    /// </exception>
    RunResult Run(ResidentImages images, int first, int count, RunOptions options) =>
        images is HostImages host
            ? Run(host.Slice(first, count), count, options)
            : throw new ArgumentException("the images are in another backend's memory");
}
