using System.Collections.Immutable;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Networks.Files;

/// <summary>The names of a written network's layers, and the tensors that they stand for.</summary>
/// <param name="joining">The types of layer that may read several tensors.</param>
internal sealed class WrittenNames(IReadOnlyCollection<string> joining)
{
    private readonly Dictionary<string, int> _tensors = new() { ["input"] = 0 };
    private readonly Dictionary<string, int> _numbers = [];

    /// <summary>Another tensor for the image, behind layers that the file does not list.</summary>
    public int Input
    {
        set => _tensors["input"] = value;
    }

    /// <summary>A layer's name: the one that is written, or its type and number.</summary>
    public string Of(MapNode layer)
    {
        string type = layer.Text("type")!;
        _numbers[type] = _numbers.GetValueOrDefault(type) + 1;
        return layer.Text("name") ?? $"{type}{_numbers[type]}";
    }

    /// <summary>The tensors that a layer reads.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="last">What it reads when it does not say.</param>
    /// <exception cref="InputException">One of them is not there.</exception>
    public ImmutableArray<int> Inputs(MapNode layer, int last) =>
        layer["inputs"] is not ListNode list
            ? [last]
            : list.Items.IsEmpty
            ? throw new InputException(list.Error("an empty list (left out: the layer before)"))
            : list.Items.Length > 1 && !joining.Contains(layer.Text("type")!)
            ? throw new InputException(list.Error($"{list.Items.Length} inputs (supported: 1)"))
            :
            [
                .. list
                    .Items.OfType<ScalarNode>()
                    .Select(i =>
                        _tensors.TryGetValue(i.Text, out int tensor)
                            ? tensor
                            : throw new InputException(
                                i.Error(
                                    $"no layer '{i.Text}' comes before this "
                                        + $"one{Suggestion.Hint(i.Text, _tensors.Keys)}"))),
            ];

    /// <summary>Notes what a layer writes.</summary>
    /// <exception cref="InputException">The name is taken.</exception>
    public void Add(MapNode layer, string name, int tensor)
    {
        if (!_tensors.TryAdd(name, tensor))
            throw new InputException(layer.Error($"two layers are called '{name}'"));
    }
}
