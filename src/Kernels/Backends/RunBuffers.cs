using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends;

/// <summary>
/// The memory of runs, which their caller keeps: raw inputs, and raw values of the tensors asked
/// for. One run at a time.
/// </summary>
public sealed class RunBuffers
{
    private readonly RawValues?[] _tensors;

    /// <summary>For runs of a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="taps">
    /// Tensors whose values to keep besides the output's: i + 1 is the output of layer i.
    /// </param>
    public RunBuffers(QuantizedProgram program, IEnumerable<int> taps)
    {
        Program = program;
        int output = program.Layers.Length;
        Taps = [.. taps.Append(output).Distinct().Order()];
        _tensors = new RawValues?[output + 1];
        Input = new(program.Input.Type);
        foreach (int tap in Taps) _tensors[tap] = new(program.Tensor(tap));
    }

    /// <summary>What is to run.</summary>
    public QuantizedProgram Program { get; }

    /// <summary>As <see cref="RunOptions.Threads"/>.</summary>
    public int Threads { get; init; }

    /// <summary>Tensors whose values are kept, the output's last.</summary>
    public ImmutableArray<int> Taps { get; }

    /// <summary>What the program reads.</summary>
    public RawValues Input { get; }

    /// <summary>What the program gave.</summary>
    public RawValues Output => _tensors[^1]!;

    /// <summary>How many images there is room for.</summary>
    public int Images { get; private set; }

    /// <summary>The values of one of <see cref="Taps"/>.</summary>
    public RawValues this[int tensor] => _tensors[tensor]
        ?? throw new ArgumentException($"tensor {tensor} is not asked for", nameof(tensor));

    /// <summary>Makes room for so many images; what is there afterwards is anything.</summary>
    public void Resize(int images)
    {
        Images = images;
        Input.Resize(images);
        foreach (int tap in Taps) _tensors[tap]!.Resize(images);
    }
}
