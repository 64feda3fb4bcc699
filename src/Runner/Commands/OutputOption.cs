using System.CommandLine;
using QSim.Simulator;
using QSim.Simulator.Networks.Files;

namespace QSim.Runner.Commands;

/// <summary>
/// Which output of an ONNX file the logits are; it says what <c>FILE.onnx#NAME</c> says, and
/// nothing but that name goes on from here.
/// </summary>
internal sealed class OutputOption
{
    private readonly Option<string?> _option = new("--output")
    {
        Description = "Which output of an ONNX file the logits are, where it has several; "
            + "FILE.onnx#NAME is the same.",
        HelpName = "name",
    };

    /// <summary>For commands to add.</summary>
    public Option Option => _option;

    /// <summary>The network with the output that was typed, if one was.</summary>
    /// <param name="network">The network's name.</param>
    /// <param name="isTyped">
    /// Whether it was typed beside the option: its own output is then one too many. Of a study's
    /// network the option takes the output's place.
    /// </param>
    /// <param name="parsed">The command line.</param>
    /// <exception cref="RequestException">The network has no outputs to choose of.</exception>
    public string Of(string network, bool isTyped, ParseResult parsed)
    {
        if (parsed.GetValue(_option) is not { } output) return network;
        (string path, string? own) = NetworkFile.Split(network);
        string asked = $"{_option.Name} {Brief.Name(output)}";
        if (!path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
            throw new RequestException(
                $"{asked}: outputs are chosen of ONNX files alone, and the network is "
                    + $"'{Brief.Name(network)}'");
        return own is null || !isTyped
            ? $"{path}#{output}"
            : throw new RequestException(
                $"{asked}: the network says '#{Brief.Name(own)}' already (supported: one of the "
                    + "two)");
    }
}
