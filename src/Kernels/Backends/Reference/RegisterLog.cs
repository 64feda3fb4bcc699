using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>
/// What one layer's registers held and which flags they raised, for one image: an entry for each
/// output element that had one.
/// </summary>
/// <param name="layer">The layer.</param>
internal sealed class RegisterLog(ProgramLayer layer)
{
    private readonly Dictionary<string, long[]> _values = [];
    private readonly Dictionary<EventStage, ConversionEvents[]> _flags = layer.EventStages
        .ToDictionary(s => s, _ => new ConversionEvents[layer.Output.Shape.Length]);

    /// <summary>Registers between input and output, [channel][row][column] of the output.</summary>
    public IReadOnlyDictionary<string, long[]> Values => _values;

    /// <summary>The flags of each stage at which a conversion can change a value.</summary>
    public IReadOnlyDictionary<EventStage, ConversionEvents[]> Flags => _flags;

    /// <summary>What a register held for an output element.</summary>
    internal void Write(string register, int element, long value)
    {
        if (!_values.TryGetValue(register, out long[]? values))
            _values[register] = values = new long[layer.Output.Shape.Length];
        values[element] = value;
    }

    /// <summary>What a stage met on the way to an output element.</summary>
    internal void Raise(EventStage stage, int element, ConversionEvents events) =>
        _flags[stage][element] = events;
}
