using QSim.Simulator.Arrays;

namespace QSim.Simulator.Networks.Files;

/// <summary>A format of weights that takes a library which the simulator does without.</summary>
/// <param name="Ending">Of its files' names, in small letters, like <c>.pt</c>.</param>
/// <param name="Read">
/// From a file's bytes to its arrays, under the names of PyTorch's <c>state_dict</c>. Throws
/// <see cref="InvalidDataException"/>, with one line on why, where it cannot.
/// </param>
public sealed record WeightFormat(
    string Ending, Func<byte[], IReadOnlyDictionary<string, NpyArray>> Read);
