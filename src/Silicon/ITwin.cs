using QSim.Kernels.Backends;

namespace QSim.Silicon;

/// <summary>A layer's circuit with its testbench and vectors: files by name.</summary>
public interface ITwin
{
    /// <summary>What its modules' names begin with.</summary>
    string Name { get; }

    /// <summary>The circuit in a few words.</summary>
    string Description { get; }

    /// <summary>Updates of accumulators in the vectors; 0 where there is none.</summary>
    long Updates { get; }

    /// <summary>The outputs in the vectors, in their order.</summary>
    IReadOnlyList<ElementAddress> Outputs { get; }

    /// <summary>The fields of its rows, as Markdown.</summary>
    internal string Layout { get; }

    /// <summary>The block diagram's file; null where there is none.</summary>
    internal string? Diagram => null;

    /// <summary>Adds what the reference does for one output.</summary>
    /// <param name="element">The output, its image counted in the dataset.</param>
    /// <param name="tensors">Of this image: the input, then the output of each layer.</param>
    void Add(ElementAddress element, IReadOnlyList<long[]> tensors);

    /// <summary>Every file, by its path in the folder.</summary>
    /// <param name="mutation">
    /// A seed that says which bit of which expected value to write wrong; null for right ones.
    /// </param>
    IEnumerable<(string Path, string Text)> Files(ulong? mutation = null);

    /// <summary>Where a mutation's wrong bit is.</summary>
    string MutationPlace(ulong seed);

    /// <summary>A testbench's line about a difference, with the place in the network.</summary>
    /// <param name="line"><c>DIFFERS name register step=n ...</c></param>
    string Explain(string line);
}
