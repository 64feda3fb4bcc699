using System.Security.Cryptography;
using System.Text;
using QSim.Kernels.Datapath;
using QSim.Runner.Conformance;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Serving;

/// <summary>What a client is told of hardware that was opened.</summary>
internal static class OpenAnswer
{
    /// <summary>The answer.</summary>
    public static Answer Of(int handle, ServedHardware hardware)
    {
        QuantizedProgram program = hardware.Program;
        return new(new Dictionary<string, object?>
        {
            ["handle"] = handle,
            ["bits_sha256"] = BitsSha256(program),
            ["network_sha256"] = hardware.Network.Report.Sha256,
            ["profile"] = hardware.Inputs.Profiles[0].Name,
            ["network"] = hardware.Network.Network.Name,
            ["data"] = hardware.Inputs.Data.Name,
            ["calibration_images"] = hardware.Inputs.Settings.CalibrationImages,
            ["backend"] = hardware.Simulation.Backend,
            ["engine"] = hardware.Network.Model.Engine,
            ["classes"] = hardware.Simulation.Classes,
            ["stochastic"] = program.IsStochastic,
            ["why_no_gradients"] = hardware.WhyNoGradients,
            ["input"] = Tensor(ServedHardware.InputName, program.Input.Type),
            ["output"] = Tensor("output", program.Output),
            ["layers"] = program.Layers.Select(l => Tensor(l.Name, l.Output)),
        });
    }

    /// <summary>
    /// Of everything that decides a bit: formats, stages, raw weights, biases, multipliers, tables,
    /// the key of stochastic rounding. Names of network and profile do not count; those of layers
    /// do.
    /// </summary>
    public static string BitsSha256(QuantizedProgram program)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string name, NpyArray array) in ProgramArrays.Of(program with { Name = "" }))
        {
            string about = $"{name}\0{array.Type}\0{string.Join(',', array.Shape)}\0";
            hash.AppendData(Encoding.UTF8.GetBytes(about));
            hash.AppendData(array.Data);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static object Tensor(string name, TensorType type) => new
    {
        Name = name,
        Shape = ServedHardware.Extents(type.Shape),
        type.Bits,
        Signed = type.IsSigned,
        type.Scale,
        type.ZeroPoint,
    };
}
