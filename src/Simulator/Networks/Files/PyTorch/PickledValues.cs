namespace QSim.Simulator.Networks.Files.PyTorch;

/// <summary>A class or function that a pickle names. It is never looked up.</summary>
/// <param name="Name">Module and name, as in <c>torch._utils._rebuild_tensor_v2</c>.</param>
internal sealed record PickledName(string Name);

/// <summary>A call or an object that a pickle asks for. It is written down, never made.</summary>
/// <param name="Function">Its function or class.</param>
/// <param name="Arguments">What it is called with.</param>
internal sealed record PickledCall(string Function, object?[] Arguments)
{
    /// <summary>What the object is to hold; null when nothing was said.</summary>
    public PickledMap? State { get; set; }
}

/// <summary>What a pickle leaves to whoever reads it: PyTorch's storages.</summary>
/// <param name="Id">Kind, type, name, device and number of elements.</param>
internal sealed record PickledReference(object?[] Id);

/// <summary>A dictionary; its keys need not be unlike.</summary>
internal sealed class PickledMap
{
    /// <summary>Keys and values in the order in which they were set.</summary>
    public List<(object? Key, object? Value)> Entries { get; } = [];
}

/// <summary>What stands where a run of values begins.</summary>
internal sealed class PickledMark
{
    /// <summary>All marks are alike.</summary>
    public static PickledMark Instance { get; } = new();
}
