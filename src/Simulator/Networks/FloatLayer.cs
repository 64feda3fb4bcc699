using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>
/// One layer of a float network. Concrete layers are the records beside this one.
/// </summary>
/// <param name="Name">Unique in its network; profiles refer to layers by it.</param>
/// <param name="Inputs">
/// Tensors it reads: 0 is the network's input, i + 1 the output of layer i.
/// </param>
public abstract record FloatLayer(string Name, ImmutableArray<int> Inputs)
{
    /// <summary>The name of the layer type in profiles, as in <c>conv2d</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Shape of the output for inputs of the given shapes.</summary>
    /// <exception cref="ArgumentException">The shapes do not fit this layer.</exception>
    public abstract TensorShape OutputShape(IReadOnlyList<TensorShape> inputs);

    /// <summary>Arrays that training changes, in a fixed order; empty for most layers.</summary>
    public virtual IReadOnlyList<float[]> Parameters => [];

    /// <summary>How many numbers it has of its own, trained here or not.</summary>
    internal virtual long ParameterCount => Parameters.Sum(p => (long)p.Length);

    /// <summary>
    /// Whether ONNX Runtime computes it in float32 although integers are about it: these have two
    /// types, or no pair is right ahead of it.
    /// </summary>
    internal bool IsOfNumbers { get; init; }

    /// <summary>Shape of what a pool makes.</summary>
    /// <exception cref="ArgumentException">The window does not fit the input.</exception>
    protected TensorShape Pooled(WindowGeometry window, TensorShape input) =>
        WindowBounds.WhyNotPool(window, input) is { } problem
            ? throw Unfit(input, problem)
            : input with
            {
                Rows = window.OutputRows(input.Rows),
                Columns = window.OutputColumns(input.Columns),
            };

    /// <summary>An exception that says which layer cannot take which shape.</summary>
    protected ArgumentException Unfit(TensorShape shape, string why) =>
        new($"layer '{Name}' ({Kind}) cannot take a {shape} input: {why}");
}
