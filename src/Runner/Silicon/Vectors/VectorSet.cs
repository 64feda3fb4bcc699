using QSim.Kernels.Datapath;
using QSim.Runner.Conformance;
using QSim.Silicon;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Silicon.Vectors;

/// <summary>
/// Golden vectors of some layers: stimulus, parameters, and what every register holds.
/// </summary>
/// <param name="Hardware">The profile's name.</param>
/// <param name="Program">The network on it.</param>
/// <param name="Layers">Indices of the layers.</param>
/// <param name="Images">Indices of the images in their dataset.</param>
/// <param name="HasSteps">Whether every product and every update is there.</param>
/// <param name="Arrays">Everything, in the order of the network.</param>
internal sealed record VectorSet(
    string Hardware, QuantizedProgram Program, IReadOnlyList<int> Layers,
    IReadOnlyList<int> Images, bool HasSteps, IReadOnlyList<VectorArray> Arrays)
{
    /// <summary>The version of QSim, for the manifest.</summary>
    public string Qsim { get; init; } = "";

    /// <summary>The most values of one set.</summary>
    private const long MostValues = 1L << 24;

    /// <summary>The indices of an output.</summary>
    public static readonly string[] OutputAxes = ["image", "channel", "row", "column"];

    /// <summary>Makes the vectors, telling how far it is.</summary>
    /// <param name="source">The network on its profile.</param>
    /// <param name="request">Layers and images.</param>
    /// <param name="progress">Told a share and a layer's name.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="RequestException">They are too many.</exception>
    public static VectorSet Of(
        VectorSource source, VectorRequest request, Action<double, string> progress,
        CancellationToken cancellation)
    {
        QuantizedProgram program = source.Program;
        (int[] layers, int[] images, bool steps) = request;
        Check(program, layers, images.Length, steps);
        IReadOnlyList<string> stems = CircuitNames.Of(program);
        var tensors = new List<IReadOnlyList<long[]>>();
        foreach (int image in images)
        {
            cancellation.ThrowIfCancellationRequested();
            tensors.Add(source.TensorsOf(image));
            progress(0.2 * tensors.Count / images.Length, $"image {image}");
        }

        var registers = new LayerRegisters(program, images, tensors);
        List<VectorArray> arrays = [Input(program, tensors)];
        for (int i = 0; i < layers.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            ProgramLayer layer = program.Layers[layers[i]];
            string Stem(string name) => stems[layers[i]] + name[layer.Name.Length..];
            arrays.AddRange(registers.Inputs(layers[i]).Select(r =>
                VectorArray.Of(r, Stem(r.Name), VectorRole.Stimulus, images.Length)));
            arrays.AddRange(ParameterVectors.Of(layer, Stem));
            arrays.AddRange(registers
                .Of(layers[i], LayerRegisters.Wanted(layer, steps))
                .Select(r => VectorArray.Of(
                    r, Stem(r.Name), VectorRole.Register, images.Length)));
            progress(0.2 + (0.6 * (i + 1) / layers.Length), layer.Name);
        }

        return new(source.Profile, program, layers, images, steps, arrays);
    }

    /// <summary>The whole program and all arrays, as one npz takes them.</summary>
    public IEnumerable<(string Name, NpyArray Array)> Npz()
    {
        yield return (
            Registers.Image, NpyArray.Of([.. Images.Select(i => (long)i)], Images.Count));
        (string Name, NpyArray Array)[] parameters = [.. ProgramArrays.Of(Program)];
        foreach ((string, NpyArray) array in parameters) yield return array;
        var known = parameters.Select(p => p.Name).ToHashSet();
        foreach (VectorArray array in Arrays.Where(a => !known.Contains(a.Name)))
            yield return (array.Name, array.Array);
    }

    private static VectorArray Input(
        QuantizedProgram program, List<IReadOnlyList<long[]>> tensors)
    {
        TensorType type = program.Input.Type;
        return VectorArray.Of(
            new(
                Registers.Input, [.. tensors.SelectMany(t => t[0])], type.Shape, null, 1,
                type.Bits, type.IsSigned),
            Registers.Input, VectorRole.Stimulus, tensors.Count);
    }

    private static void Check(
        QuantizedProgram program, int[] layers, int images, bool steps)
    {
        long values = 2 * Registers.Count(program, images, layers, steps);
        if (values > MostValues)
            throw new RequestException(
                $"--images: {images} images have about {values} values (at most {MostValues}): "
                    + $"take fewer images, one --layer{(steps ? ", or leave out --updates" : "")}");
    }
}

/// <summary>A network on a profile.</summary>
/// <param name="Profile">The profile's name.</param>
/// <param name="Program">The network on it.</param>
/// <param name="TensorsOf">Of an image: the input, then the output of each layer.</param>
internal sealed record VectorSource(
    string Profile, QuantizedProgram Program, Func<int, IReadOnlyList<long[]>> TensorsOf);

/// <summary>What vectors are wanted.</summary>
/// <param name="Layers">Indices of the layers.</param>
/// <param name="Images">Indices of the images.</param>
/// <param name="Steps">Whether products and updates are wanted.</param>
internal sealed record VectorRequest(int[] Layers, int[] Images, bool Steps);
