using System.Text;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Integers;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files;

/// <summary>Programs as files of ready-made integers (<c>qsim/integer-network/1</c>).</summary>
internal static class IntegerNetwork
{
    /// <summary>
    /// Writes a program, and the program that the file gives on the profile when it is read back.
    /// </summary>
    /// <param name="program">What <see cref="Quantizer"/> made.</param>
    /// <param name="network">Of which network.</param>
    /// <param name="datapath">On which hardware.</param>
    /// <param name="weights">Name of the arrays' file, for the document to refer to.</param>
    /// <exception cref="NotSupportedException">A layer cannot be written.</exception>
    /// <exception cref="InputException">The file would not be read.</exception>
    /// <exception cref="QuantizationException">The file would not run.</exception>
    public static (string Yaml, byte[] Npz, QuantizedProgram ReadBack) Write(
        QuantizedProgram program, FloatNetwork network, Datapath datapath, string weights)
    {
        OwnUnits.CheckScales(network);
        CheckLogits(program, network, datapath);
        (string yaml, byte[] npz) = IntegerWriter.Write(program, network, weights);
        const string Name = "what was written";
        MapNode root = ArchitectureDocument.Resolved(
            DocumentReader.Read(Encoding.UTF8.GetBytes(yaml), Name), IntegerKeys.Root);
        FloatNetwork read = IntegerReader.Network(root, npz, weights, network.Name, null);
        return (yaml, npz, QuantizedGraph.Build(read, datapath, null, program.Seed));
    }

    /// <summary>Sums that nothing quantizes are wider than most profiles' outputs.</summary>
    private static void CheckLogits(
        QuantizedProgram program, FloatNetwork network, Datapath datapath)
    {
        FloatLayer last = network.Layers[^1];
        int room = datapath.For(last.Kind, last.Name, isLast: true).Output.Bits;
        if (network.IsQuantized && last is Conv2dLayer or DenseLayer && program.Output.Bits > room)
            throw new NotSupportedException(
                $"layer '{last.Name}': nothing quantizes its sums, of {program.Output.Bits} bits, "
                    + $"and outputs of '{datapath.Name}' have {room} (supported: .onnx, .npz, or "
                    + "a quantizer behind the last layer)");
    }
}
