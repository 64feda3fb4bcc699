using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Runner.Explanations;
using QSim.Runner.Output;
using QSim.Silicon;
using QSim.Silicon.Elements;

namespace QSim.Runner.Silicon;

/// <summary>The twins of a network's layers on one profile, with real operands.</summary>
/// <param name="Twins">One per layer that has a twin.</param>
/// <param name="Without">Layers that have none, each with the reason.</param>
internal sealed record TwinSet(
    IReadOnlyList<ITwin> Twins, IReadOnlyList<(string Layer, string Reason)> Without)
{
    /// <summary>Chooses outputs evenly over the images, channels and positions.</summary>
    /// <param name="hardware">The network on its profile.</param>
    /// <param name="layer">One layer, or null for all of them.</param>
    /// <param name="outputs">How many outputs of each layer.</param>
    /// <exception cref="RequestException">No layer has a twin.</exception>
    public static TwinSet Of(TrainedHardware hardware, string? layer, int outputs)
    {
        IEnumerable<int> layers = layer is null
            ? Enumerable.Range(0, hardware.Program.Layers.Length)
            : [hardware.LayerIndex(layer)];
        List<(string, string)> without = [];
        List<(int Layer, ITwin Twin)> twins = [];
        IReadOnlyList<string> names = CircuitNames.Of(hardware.Program);
        foreach (int index in layers)
            if (WhyNot(hardware.Program, index) is { } reason)
                without.Add((
                    Untrusted.Line(hardware.Program.Layers[index].Name), Untrusted.Line(reason)));
            else
                twins.Add((index, Of(hardware.Program, index, names[index])));
        if (twins.Count == 0)
            throw new RequestException(
                $"{hardware.Profile}: no layer has a twin: "
                    + string.Join("; ", without.Select(w => $"{w.Item1}: {w.Item2}")));
        int count = hardware.Images.Count;
        for (int image = 0; image < count; image++)
        {
            IReadOnlyList<long[]> tensors = hardware.Tensors(image);
            foreach ((int index, ITwin twin) in twins)
            {
                ProgramLayer of = hardware.Program.Layers[index];
                foreach (int element in Chosen(of.Output.Shape.Length, image, count, outputs))
                    twin.Add(Address(image, element, of.Output.Shape), tensors);
            }
        }

        return new([.. twins.Select(t => t.Twin)], without);
    }

    private static string? WhyNot(QuantizedProgram program, int layer) =>
        program.Layers[layer] is MacLayer
            ? MacTwin.WhyNot(program, layer)
            : ElementTwin.WhyNot(program, layer);

    private static ITwin Of(QuantizedProgram program, int layer, string name) =>
        program.Layers[layer] is MacLayer
            ? new MacTwin(program, layer, name)
            : new ElementTwin(program, layer, name);

    /// <summary>An image's share of the outputs, other ones for each image.</summary>
    private static IEnumerable<int> Chosen(int elements, int image, int images, int outputs)
    {
        int share = Math.Min(elements, (outputs + images - 1 - image) / images);
        for (int i = 0; i < share; i++)
            yield return (int)(((((long)i * images) + image) * elements / ((long)share * images))
                % elements);
    }

    private static ElementAddress Address(int image, int element, TensorShape shape) =>
        new(image, element / shape.Positions, element % shape.Positions);
}
